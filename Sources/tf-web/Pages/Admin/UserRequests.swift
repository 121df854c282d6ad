import TFDefinition
import TFStore

/// The filter of the page of all accounts.
struct PeopleQuery: RequestFields {
    let filter: PeopleFilter

    init(_ fields: inout FieldReader) {
        var filter = PeopleFilter()
        filter.text = fields.optional("text", .text(1, .search))
        filter.standing = fields.optional("state", .word)
        filter.role = fields.optional("role", .word)
        filter.company = fields.optional("company", .slug)
        filter.after = fields.optional("after", .login)
        filter.before = fields.optional("before", .login)
        self.filter = filter
    }
}

/// The filter of a list of accounts.
struct UserQuery: RequestFields {
    let text: String?
    let paging: Paging

    init(_ fields: inout FieldReader) {
        text = fields.optional("text", .text(1, .search), "Only those whose login or name contains it.")
        paging = Paging(&fields)
    }
}

/// An account to create.
struct NewUser: RequestFields {
    let login: String
    private let name: String
    private let kind: Account.Kind
    private let email: String?
    private let roles: [SystemRole]
    let password: String?
    private let companies: [String]
    /// Company roles, each behind its company: `acme:it-staff`.
    private let companyRoles: [String]
    /// Whether the person chooses their own password, by a link.
    var isInvited: Bool { kind == .person && password == nil }

    init(_ fields: inout FieldReader) {
        name = fields.required("name", .text(1, .name), ask: "Enter the name, such as Bob Berger")
        login = fields.required("login", .login, ask: "Enter a user name, such as bob")
        kind = fields.optional("kind", .word) ?? .person
        email = fields.optional("email", .email)
        roles = fields.optional("roles", .systemRoles) ?? []
        password = fields.optional("password", .text(Passwords.minimumLength, .password))
        companies = fields.onPage("companies", .list(of: .slug, most: InvitationPage.limitCompanies)) ?? []
        companyRoles = fields.onPage("company_roles", .list(of: .text(3, 200), most: 2_000)) ?? []
    }

    /// The companies to which the account will belong, each with its roles there. The boxes of a company that is not
    /// ticked are only hidden: what is ticked in them counts for nothing.
    var memberships: [String: Set<String>] {
        var memberships = Dictionary(companies.map { ($0, Set<String>()) }, uniquingKeysWith: { first, _ in first })
        for pair in companyRoles.map({ $0.split(separator: ":", maxSplits: 1) }) where pair.count == 2 {
            memberships[String(pair[0])]?.insert(String(pair[1]))
        }
        return memberships
    }

    /// - Throws: `Failure.invalid` for errors that the fields' types cannot express.
    func check() throws {
        if let password, let problem = Passwords.problem(password, owner: owner) {
            throw Failure.invalid([FieldError(field: "password", message: problem)])
        }
    }

    /// The error of a user name that is somebody's.
    static func taken(_ login: String) -> FieldError {
        FieldError(field: "login", message: "Choose another user name: \(login) is taken")
    }

    /// The same of a form that has other errors.
    static func taken(_ typed: TypedInput, _ session: ReadSession) throws -> [FieldError] {
        guard let login = typed.unrefused("login"), try session.account(login) != nil else { return [] }
        return [taken(login)]
    }

    private var owner: PasswordOwner { PasswordOwner(login: login, name: name, email: email) }

    /// - Parameter password: its hash; nil if it has none.
    func account(password: String?) -> NewAccount {
        NewAccount(login: login, name: name, kind: kind, password: password, roles: Set(roles)).with(email: email)
    }
}

/// Changes of an account; missing fields stay.
struct UserChange: RequestFields {
    private let name: String?
    private let email: String??
    private let roles: [SystemRole]?
    /// nil: it stays.
    let isDisabled: Bool?
    let version: Int?

    init(_ fields: inout FieldReader) {
        name = fields.optional("name", .text(1, .name), askIfEmptied: "Enter the name, such as Bob Berger")
        email = fields.optional("email", .orNull(.email))
        roles = fields.optional("roles", .systemRoles)
        isDisabled = fields.optional("disabled", .flag)
        version = fields.version()
    }

    var change: AccountChange {
        var change = AccountChange()
        change.name = name
        // null removes the address.
        change.email = email.map { $0 ?? "" }
        change.roles = roles.map { Set($0) }
        change.isDisabled = isDisabled
        return change
    }
}

extension WireType<[SystemRole]> {
    static var systemRoles: Self { .list(of: .word, most: SystemRole.allCases.count) }
}
