/// How a statement keeps to companies: which tables of companies it touches, and which of them it holds to one company by
/// `company_id = ?`, be it through others that are joined by `company_id`.
///
/// It looks at words, not at SQL: it knows as much of the language as the store uses, and a condition that it does not
/// understand is none. So it may blame too much, and is told by the list of exceptions, but not too little.
struct CompanyUse {
    /// Tables that it touches without saying of which company.
    private(set) var free: [String] = []
    /// Tables that it brings together with another one otherwise than by the company.
    private(set) var loose: [String] = []

    /// - Parameter tables: those with a column `company_id`.
    init(_ sql: String, tables: Set<String>) {
        var reading = Reading(words: Self.words(sql), tables: tables)
        reading.findTables()
        reading.findConditions()
        // For each group of tables that are of the same company: its first table, by the query that it is a part of.
        var queries: [Int: [Int: String]] = [:]
        // The lists of tables behind FROM that have one of a known company, and of any.
        var (known, any): (Set<Int>, Set<Int>) = ([], [])
        for (number, table) in reading.tablesFound.enumerated() {
            let group = reading.group(of: number)
            let isHeld = reading.isHeld(group)
            if !table.isTarget { if isHeld { known.insert(table.scope) } else { any.insert(table.scope) } }
            guard !isHeld else { continue }
            queries[reading.root(of: table.scope), default: [:]].merge([group: table.name]) { first, _ in first }
        }
        for (root, groups) in queries.sorted(by: { $0.key < $1.key }) {
            let names = groups.sorted { $0.key < $1.key }.map(\.value)
            let isJoined = known.intersection(any).contains { reading.root(of: $0) == root }
            free += names
            loose += isJoined ? names : Array(names.dropFirst())
        }
    }

    /// Names with their dots, `?`, and every other sign by itself; texts in quotes are left out.
    private static func words(_ sql: String) -> [Substring] {
        var words: [Substring] = []
        var rest = sql[...]
        while let first = rest.first {
            if first == "'" || first == "\"" {
                rest = rest.dropFirst()
                rest = rest[(rest.firstIndex(of: first) ?? rest.endIndex)...].dropFirst()
                words.append("''")
            } else if first.isLetter || first.isNumber || first == "_" {
                let word = rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
                words.append(word)
                rest = rest[word.endIndex...]
            } else {
                if !first.isWhitespace { words.append(rest.prefix(1)) }
                rest = rest.dropFirst()
            }
        }
        return words
    }
}

private struct Reading {
    struct Table {
        let name: String
        let alias: Substring
        let scope: Int
        /// Whether rows are added to it: no condition is about it.
        let isTarget: Bool
    }

    private struct Scope {
        /// The one around it; nil: it is the statement itself.
        let outer: Int?
    }

    private enum Clause {
        /// Behind FROM, JOIN or INTO, where tables are named.
        case tables
        /// Behind WHERE or ON, where each part has to hold.
        case conditions
        case other
    }

    /// What stands between two brackets, or between CASE and END.
    private struct Bracket {
        let number: Int
        var scope: Int
        var clause: Clause
    }

    let words: [Substring]
    let tables: Set<String>
    private(set) var tablesFound: [Table] = []
    private var scopes = [Scope(outer: nil)]
    /// Of each word: its query, the innermost bracket around it, and its clause.
    private var places: [Bracket] = []
    /// The brackets of which one part or another has to hold.
    private var loose: Set<Int> = []
    /// Of each bracket: the one around it; nil: it is a query of its own.
    private var around: [Int?] = [nil]
    /// Of each table: another one that belongs to the same company, or itself.
    private var same: [Int] = []
    private var held: Set<Int> = []

    init(words: [Substring], tables: Set<String>) {
        (self.words, self.tables) = (words, tables)
    }

    private func word(_ place: Int) -> Substring { words.indices.contains(place) ? words[place] : "" }

    // MARK: Tables

    mutating func findTables() {
        var brackets = [Bracket(number: 0, scope: 0, clause: .other)]
        for (place, word) in words.enumerated() {
            var bracket = brackets[brackets.count - 1]
            switch word {
            case "(", "CASE":
                places.append(bracket)
                let isQuery = ["SELECT", "WITH"].contains(self.word(place + 1))
                let isDenied = word == "CASE" || self.word(place - 1) == "NOT"
                around.append(isQuery ? nil : bracket.number)
                brackets.append(
                    Bracket(
                        number: around.count - 1, scope: isQuery ? opened(in: bracket.scope) : bracket.scope,
                        clause: isDenied ? .other : bracket.clause))
                continue
            case ")", "END":
                places.append(bracket)
                if brackets.count > 1 { brackets.removeLast() }
                continue
            case "UNION":
                bracket.scope = opened(in: scopes[bracket.scope].outer)
                bracket.clause = .other
            case "FROM", "JOIN", "INTO", "UPDATE": bracket.clause = .tables
            case "WHERE", "ON": bracket.clause = .conditions
            case "SELECT", "SET", "VALUES", "GROUP", "ORDER", "HAVING", "LIMIT", "RETURNING", "WHEN", "THEN":
                bracket.clause = .other
            case "OR": loose.insert(bracket.number)
            default: break
            }
            brackets[brackets.count - 1] = bracket
            places.append(bracket)
            findTable(place)
        }
    }

    private mutating func findTable(_ place: Int) {
        let name = String(words[place])
        guard tables.contains(name), places[place].clause == .tables,
            ["FROM", "JOIN", "INTO", "UPDATE", ","].contains(word(place - 1))
        else { return }
        let next = word(place + 1) == "AS" ? word(place + 2) : word(place + 1)
        let isAlias = next.first?.isLowercase == true
        tablesFound.append(
            Table(
                name: name, alias: isAlias ? next : words[place], scope: places[place].scope,
                isTarget: word(place - 1) == "INTO"))
        same.append(tablesFound.count - 1)
    }

    private mutating func opened(in outer: Int?) -> Int {
        scopes.append(Scope(outer: outer))
        return scopes.count - 1
    }

    /// The names between a bracket and its end.
    private func names(in bracket: Int) -> [Substring] {
        guard word(bracket) == "(" else { return [] }
        let first = word(bracket + 1) == "SELECT" ? bracket + 2 : bracket + 1
        return words[first...].prefix { ![")", "FROM"].contains($0) }.split(separator: ",").map { $0.last ?? "" }
    }

    // MARK: Conditions

    mutating func findConditions() {
        for place in words.indices {
            if word(place) == "INTO" { given(place + 1) }
            guard places[place].clause == .conditions, hasToHold(places[place].number) else { continue }
            if word(place) == "=" {
                equal(place - 1, place + 1)
            } else if word(place) == "IN", word(place + 1) == "(", let list = listBefore(place) {
                pair(list, with: place + 1)
            }
        }
    }

    /// Whether what stands in a bracket has to hold for each row of its query.
    private func hasToHold(_ bracket: Int) -> Bool {
        !loose.contains(bracket) && around[bracket].map(hasToHold) ?? true
    }

    /// The rows that a table is given: they have the company of the values, or of the table that they are selected from.
    private mutating func given(_ table: Int) {
        guard let own = tablesFound.firstIndex(where: { $0.isTarget && $0.name == word(table) }) else { return }
        let columns = names(in: table + 1)
        var value = table + 2 * columns.count + 2
        guard word(value) == "SELECT" else {
            if columns.contains("company_id") { held.insert(own) }
            return
        }
        value += word(value + 1) == "DISTINCT" ? 2 : 1
        guard columns.first == "company_id" else { return }
        if word(value) == "CAST" { value += 2 }
        if word(value) == "?" { held.insert(own) }
        if let source = self.table(named: words[value], at: value) { unite(own, source) }
    }

    /// Two sides of `=`.
    private mutating func equal(_ left: Int, _ right: Int) {
        switch (table(named: word(left), at: left), table(named: word(right), at: right)) {
        case (let one?, let other?): unite(one, other)
        case (let one?, nil) where word(right) == "?": held.insert(one)
        case (nil, let one?) where word(left) == "?": held.insert(one)
        default: break
        }
    }

    /// `(company_id, id) IN (SELECT company_id, id …)`, or `(id) IN (SELECT id …)` of the same table: it is the same row.
    private mutating func pair(_ list: Int, with other: Int) {
        for (one, two) in zip(names(in: list), names(in: other)) {
            let (left, right): (Int?, Int?)
            if one == "id", two == "id" {
                left = tablesFound.firstIndex { $0.scope == places[list].scope }
                right = tablesFound.firstIndex { $0.scope == places[other + 1].scope }
            } else {
                left = table(named: one, at: list)
                right = table(named: two, at: other + 1)
            }
            guard let left, let right, one != "id" || tablesFound[left].name == tablesFound[right].name else {
                continue
            }
            unite(left, right)
        }
    }

    /// The bracket of a list of columns before IN.
    private func listBefore(_ place: Int) -> Int? {
        word(place - 1) == ")" ? words[..<place].lastIndex(of: "(") : nil
    }

    /// The table whose `company_id` a word is.
    private func table(named name: Substring, at place: Int) -> Int? {
        let parts = name.split(separator: ".")
        guard parts.last == "company_id" else { return nil }
        var scope: Int? = places[place].scope
        while let at = scope {
            let found = tablesFound.firstIndex { table in
                table.scope == at && !table.isTarget && (parts.count == 1 || table.alias == parts[0])
            }
            if let found { return found }
            scope = scopes[at].outer
        }
        return nil
    }

    // MARK: Groups

    private mutating func unite(_ one: Int, _ other: Int) { same[group(of: one)] = group(of: other) }

    func group(of table: Int) -> Int { same[table] == table ? table : group(of: same[table]) }

    func isHeld(_ group: Int) -> Bool { held.contains { self.group(of: $0) == group } }

    /// The outermost scope around one that has tables.
    func root(of scope: Int) -> Int {
        var (root, at) = (scope, Optional(scope))
        while let scope = at {
            if tablesFound.contains(where: { $0.scope == scope }) { root = scope }
            at = scopes[scope].outer
        }
        return root
    }
}
