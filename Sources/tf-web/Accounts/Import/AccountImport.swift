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

    struct Person: Sendable {
        let line: Int
        let account: NewAccount
        /// Company roles by the company's slug, in the order of the table.
        let memberships: [(company: String, roles: Set<String>)]

        /// Such as `bob (Bob Berger): task_worker; acme:manager`.
        var text: String {
            let companies = memberships.map { ([$0.company] + $0.roles.sorted()).joined(separator: ":") }
            let roles = account.roles.map(\.rawValue).sorted().joined(separator: ",")
            return "\(account.login) (\(account.name)): \(roles); \(companies.joined(separator: " "))".onOneLine
        }
    }

    /// What is wrong with the table; nothing was made.
    struct Refusal: Error {
        let problems: [String]
    }

    private static let limitProblems = 20
    static let limitRows = 10_000

    let people: [Person]
    /// Rows that cannot be accounts, with their lines. They are told together with those that the store refuses.
    private let problems: [(line: Int, sentence: String)]

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
        var lines: [String: Int] = [:]
        for row in rows.dropFirst() where problems.count < Self.limitProblems {
            do throws(Refusal) {
                let person = try Self.person(row, columns)
                if let other = lines[person.account.login] {
                    let sentence = "\(person.account.login) is in line \(other) already"
                    problems.append((row.line, "line \(row.line): \(sentence)"))
                    continue
                }
                lines[person.account.login] = row.line
                people.append(person)
            } catch { problems += error.problems.map { (row.line, $0) } }
        }
        (self.people, self.problems) = (people, problems)
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

    private static func person(_ row: CSVReader.Row, _ columns: [Column]) throws(Refusal) -> Person {
        var problems: [String] = []
        func refuse(_ sentence: String) { problems.append("line \(row.line): \(sentence)".onOneLine) }
        guard row.fields.count <= columns.count else {
            refuse("more fields than columns")
            throw Refusal(problems: problems)
        }
        var values: [Column: String] = [:]
        for (column, field) in zip(columns, row.fields) { values[column] = field.trimmed }
        let (login, name) = (values[.login] ?? "", values[.name] ?? "")
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
        guard let kind, problems.isEmpty else { throw Refusal(problems: problems) }
        return Person(
            line: row.line,
            account: NewAccount(login: login, name: name, kind: kind, password: nil, roles: roles).with(email: email),
            memberships: memberships)
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
        for person in people where problems.count < 2 * Self.limitProblems {
            func telling(_ make: () throws -> Void) throws {
                do { try make() } catch let error as StoreError {
                    problems.append((person.line, "line \(person.line): \(error)".onOneLine))
                }
            }
            try telling {
                if try session.account(person.account.login) != nil {
                    result.known.append(person.account.login)
                    return
                }
                let account = try session.addAccount(person.account, now: now)
                for membership in person.memberships {
                    try telling {
                        guard let company = companies[membership.company] else {
                            throw StoreError.conflict("there is no company \"\(membership.company)\"")
                        }
                        try session.inside(company.id).setMembership(
                            of: account, companyRoles: membership.roles, only: [], now: now)
                    }
                }
                result.made.append((person, account))
            }
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
