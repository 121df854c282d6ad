/// How a statement keeps to companies: which tables of companies it touches, and which of them it holds to one company by
/// `company_id = ?`, be it through others that are joined by `company_id`.
///
/// It looks at words, not at SQL: it knows as much of the language as the store uses.
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
        var roots: [Int: [Int: String]] = [:]
        for (number, table) in reading.tablesFound.enumerated() {
            let group = reading.group(of: number)
            guard !reading.isHeld(group) else { continue }
            roots[reading.root(of: table.scope), default: [:]].merge([group: table.name]) { first, _ in first }
        }
        for (_, groups) in roots.sorted(by: { $0.key < $1.key }) {
            let names = groups.sorted { $0.key < $1.key }.map(\.value)
            free += names
            loose += names.dropFirst()
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
    }

    private struct Scope {
        /// The one around it; nil: it is the statement itself.
        let outer: Int?
    }

    let words: [Substring]
    let tables: Set<String>
    private(set) var tablesFound: [Table] = []
    private var scopes = [Scope(outer: nil)]
    /// Of each word.
    private var scopeOf: [Int] = []
    /// Of each table: another one that belongs to the same company, or itself.
    private var same: [Int] = []
    private var held: Set<Int> = []

    init(words: [Substring], tables: Set<String>) {
        (self.words, self.tables) = (words, tables)
    }

    private func word(_ place: Int) -> Substring { words.indices.contains(place) ? words[place] : "" }

    // MARK: Tables

    mutating func findTables() {
        // For each bracket that is open: the scope to go back to.
        var brackets: [Int] = []
        var scope = 0
        for (place, word) in words.enumerated() {
            switch word {
            case "(":
                brackets.append(scope)
                if ["SELECT", "WITH"].contains(self.word(place + 1)) { scope = opened(in: scope) }
            case ")": scope = brackets.popLast() ?? 0
            case "UNION": scope = opened(in: scopes[scope].outer)
            default: break
            }
            scopeOf.append(scope)
            let isUpdate = word == "UPDATE" && self.word(place - 1) != "DO"
            guard ["FROM", "JOIN", "INTO"].contains(word) || isUpdate else { continue }
            let name = String(self.word(place + 1))
            guard tables.contains(name) else { continue }
            let next = self.word(place + 2) == "AS" ? self.word(place + 3) : self.word(place + 2)
            let isAlias = next.first?.isLowercase == true
            tablesFound.append(Table(name: name, alias: isAlias ? next : self.word(place + 1), scope: scope))
            same.append(tablesFound.count - 1)
            // The row is given its company.
            if word == "INTO", names(in: place + 2).contains("company_id") { held.insert(tablesFound.count - 1) }
        }
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
            if word(place) == "=" {
                equal(place - 1, place + 1)
            } else if word(place) == "IN", word(place + 1) == "(", let list = listBefore(place) {
                pair(list, with: place + 1)
            }
        }
    }

    /// Two sides of `=`.
    private mutating func equal(_ left: Int, _ right: Int) {
        let sides = [left, right].map { table(of: $0) }
        switch (sides[0], sides[1]) {
        case (let one?, let other?): unite(one, other)
        case (let one?, nil) where word(right) == "?": held.insert(one)
        case (nil, let one?) where word(left) == "?": held.insert(one)
        default: break
        }
    }

    /// `(company_id, id) IN (SELECT company_id, id …)`.
    private mutating func pair(_ list: Int, with other: Int) {
        for (one, two) in zip(names(in: list), names(in: other)) where one.hasSuffix("company_id") {
            guard let left = table(named: one, from: scopeOf[list]), two.hasSuffix("company_id"),
                let right = table(named: two, from: scopeOf[other])
            else { continue }
            unite(left, right)
        }
    }

    /// The bracket of a list of columns before IN or NOT IN.
    private func listBefore(_ place: Int) -> Int? {
        let end = word(place - 1) == "NOT" ? place - 2 : place - 1
        return word(end) == ")" ? words[..<end].lastIndex(of: "(") : nil
    }

    /// The table whose `company_id` a word is.
    private func table(of place: Int) -> Int? {
        guard words.indices.contains(place) else { return nil }
        return table(named: words[place], from: scopeOf[place])
    }

    private func table(named name: Substring, from scope: Int) -> Int? {
        let parts = name.split(separator: ".")
        guard parts.last == "company_id" else { return nil }
        var scope: Int? = scope
        while let at = scope {
            let found = tablesFound.firstIndex { $0.scope == at && (parts.count == 1 || $0.alias == parts[0]) }
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
