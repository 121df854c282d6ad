import TFDefinition
import TFExpression
import TFStore

/// Accounts that are made from a table, all of them or none.
struct AccountImport {
    /// The columns; the first two are needed.
    enum Column: String, CaseIterable {
        case login
        case name
        case email
        case kind
        case roles
        case memberships
    }

    /// Company roles by the company's slug, in the order of the table.
    typealias Memberships = [(company: String, roles: Set<String>)]

    struct Person: Sendable {
        let line: Int
        let account: NewAccount
        let memberships: Memberships

        /// Such as `bob (Bob Berger): task_worker; acme:manager`.
        var text: String {
            let companies = memberships.map { ([$0.company] + $0.roles.sorted()).joined(separator: ":") }
            let roles = account.roles.map(\.rawValue).sorted().joined(separator: ",")
            let rights = [roles, companies.joined(separator: " ")].filter { !$0.isEmpty }.joined(separator: "; ")
            return ("\(account.login) (\(account.name))" + (rights.isEmpty ? "" : ": \(rights)")).onOneLine
        }
    }

    /// What is wrong with the table; nothing was made.
    struct Refusal: Error {
        let problems: [String]
    }

    private static let limitProblems = 20
    static let limitRows = 10_000

    let people: [Person]
    /// Whether it names companies, which are there only where there is a site.
    var namesCompanies: Bool { people.contains { !$0.memberships.isEmpty } }
    /// Rows that cannot be accounts, with their lines. They are told together with those that the store refuses.
    private let problems: [(line: Int, sentence: String)]
    /// The memberships of such rows, of which the store may refuse more.
    private let refused: [(line: Int, memberships: Memberships)]

    /// - Throws: `Refusal` for a text that is no table, or one of other columns.
    init(_ text: String) throws(Refusal) {
        let rows: [CSVReader.Row]
        do throws(CSVReader.OpenQuote) { rows = try CSVReader.rows(text) } catch {
            throw Refusal(problems: ["line \(error.line): a quote without its end"])
        }
        guard let head = rows.first, rows.count > 1 else {
            throw Refusal(problems: ["the table has no rows; its first line names the columns: login,name,email,…"])
        }
        guard rows.count <= Self.limitRows + 1 else {
            throw Refusal(problems: ["the table has more than \(Self.limitRows) rows; import it in parts"])
        }
        let columns = try Self.columns(head)
        var (people, problems): ([Person], [(Int, String)]) = ([], [])
        var refused: [(line: Int, memberships: Memberships)] = []
        var lines: [String: Int] = [:]
        for row in rows.dropFirst() where problems.count < Self.limitProblems {
            let (person, memberships, sentences) = Self.person(row, columns)
            var faults = sentences
            if let login = person?.account.login, let other = lines[login] {
                faults.append("line \(row.line): \(login) is in line \(other) already")
            }
            guard faults.isEmpty, let person else {
                problems += faults.map { (row.line, $0) }
                refused.append((row.line, memberships))
                continue
            }
            lines[person.account.login] = row.line
            people.append(person)
        }
        (self.people, self.problems, self.refused) = (people, problems, refused)
    }

    private static func columns(_ head: CSVReader.Row) throws(Refusal) -> [Column] {
        var columns: [Column] = []
        for name in head.fields {
            let plain = name.trimmed.lowercased()
            guard let column = Column(rawValue: plain), !columns.contains(column) else {
                let known = Column.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(problems: [
                    "line \(head.line): \"\(name.onOneLine)\" is no column, or is there twice; \(known)"
                ])
            }
            columns.append(column)
        }
        guard columns.contains(.login), columns.contains(.name) else {
            throw Refusal(problems: ["line \(head.line): the columns login and name are needed"])
        }
        return columns
    }

    /// - Returns: nil for a row that cannot be an account, with all that is wrong with it.
    private static func person(
        _ row: CSVReader.Row, _ columns: [Column]
    ) -> (person: Person?, memberships: Memberships, problems: [String]) {
        var problems: [String] = []
        func refuse(_ sentence: String) { problems.append("line \(row.line): \(sentence)".onOneLine) }
        guard row.fields.count <= columns.count else {
            refuse("more fields than columns")
            return (nil, [], problems)
        }
        var values: [Column: String] = [:]
        for (column, field) in zip(columns, row.fields) { values[column] = field.trimmed }
        let (login, name) = (values[.login] ?? "", values[.name] ?? "")
        if login == Slug.ownLogin { refuse(Slug.noOwnLogin) }
        if !Slug.isLogin(login) { refuse("\"\(login)\" cannot be a login: \(Slug.loginRule)") }
        if name.isEmpty { refuse(login.isEmpty ? "no name" : "\(login) has no name") }
        let email = values[.email].flatMap { $0.isEmpty ? nil : $0 }
        if let email, !Mail.isOneAddress(email) { refuse("\"\(email)\" is no e-mail address") }
        let kinds: [String: Account.Kind] = ["": .person, "person": .person, "service": .service]
        let kind = kinds[values[.kind] ?? ""]
        if kind == nil { refuse("kind is person or service") }
        var roles: Set<SystemRole> = []
        for word in Self.words(values[.roles]) {
            guard let role = SystemRole(rawValue: word) else {
                let known = SystemRole.allCases.map(\.rawValue).joined(separator: ", ")
                refuse("\"\(word)\" is no system role; \(known)")
                continue
            }
            roles.insert(role)
        }
        let memberships = Self.words(values[.memberships]).map { word in
            let parts = word.split(separator: ":").map(String.init)
            return (company: parts.first ?? "", roles: Set(parts.dropFirst()))
        }
        guard let kind, problems.isEmpty else { return (nil, memberships, problems) }
        let account = NewAccount(login: login, name: name, kind: kind, password: nil, roles: roles).with(email: email)
        return (Person(line: row.line, account: account, memberships: memberships), memberships, [])
    }

    private static func words(_ text: String?) -> [String] {
        (text ?? "").split { $0.isWhitespace || $0 == "," || $0 == ";" }.map(String.init)
    }

    // MARK: Made

    struct Result: Sendable {
        var made: [(person: Person, account: Account)] = []
        /// Logins that were there before, and stay as they are.
        var known: [String] = []
    }

    /// Makes the accounts that are not there yet.
    /// - Throws: `Refusal`, so that the transaction is rolled back.
    func run(_ session: WriteSession, now: Int64) throws -> Result {
        let companies = Dictionary(
            try session.companies().map { ($0.slug, $0) }, uniquingKeysWith: { first, _ in first })
        var (result, problems) = (Result(), problems)
        func telling<Value>(_ line: Int, _ make: () throws -> Value) throws -> Value? {
            do { return try make() } catch let error as StoreError {
                problems.append((line, "line \(line): \(error)".onOneLine))
                return nil
            }
        }
        /// - Parameter account: nil: the memberships are only checked.
        func join(_ memberships: Memberships, _ account: Account?, line: Int) throws {
            for membership in memberships {
                _ = try telling(line) {
                    guard let company = companies[membership.company] else {
                        throw StoreError.conflict("there is no company \"\(membership.company)\"")
                    }
                    let inside = session.inside(company.id)
                    guard let account else { return try inside.requireDeclared(membership.roles) }
                    try inside.setMembership(of: account, companyRoles: membership.roles, only: [], now: now)
                }
            }
        }
        for row in refused { try join(row.memberships, nil, line: row.line) }
        for person in people where problems.count < 2 * Self.limitProblems {
            guard try session.account(person.account.login) == nil else {
                result.known.append(person.account.login)
                continue
            }
            let account = try telling(person.line) { try session.addAccount(person.account, now: now) }
            try join(person.memberships, account, line: person.line)
            if let account { result.made.append((person, account)) }
        }
        guard problems.isEmpty else {
            throw Refusal(
                problems: problems.sorted { $0.line < $1.line }.prefix(Self.limitProblems).map(\.sentence))
        }
        return result
    }
}

extension String {
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start.reversed().drop(while: \.isWhitespace).reversed())
    }
}
