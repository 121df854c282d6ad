import ArgumentParser
import TFConfiguration
import TFDefinition
import TFExpression
import TFStore

struct UserCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Accounts.",
        subcommands: [
            Add.self, Import.self, Member.self, Passwd.self, Disable.self, Enable.self, List.self, Export.self,
            Erase.self,
        ])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make an account.",
            discussion: """
                The password is read from the terminal, or from standard input with --password-stdin. With --invite or \
                --service none is asked for. Nothing is made if anything of it cannot be made.

                Examples:
                  tf-web user add bob --name "Bob Berger" --role task_worker --member acme:manager --invite
                  tf-web user add etl --name ETL --service --role task_worker --member acme
                """)

        @Argument(help: "The login: a–z, 0–9, - and _.") var login: String
        @Option(help: "The person's name.") var name: String
        @Option(help: "A system role: \(SystemRole.allCases.map(\.rawValue).joined(separator: ", ")). Repeatable.")
        var role: [SystemRole] = []
        @Option(help: "COMPANY or COMPANY:role,role: a membership with company roles. Repeatable.")
        var member: [String] = []
        @Flag(help: "A service account, for programs; it signs in by a key (tf-web key add).") var service = false
        @Option(help: "The person's e-mail address.") var email: String?
        @Flag(help: "Print a link by which the person chooses the password, within 7 days.") var invite = false
        @Flag(help: "Read the password from standard input.") var passwordStdin = false
        @OptionGroup var options: SettingOptions

        func validate() throws {
            guard !service || !invite else {
                throw ValidationError(
                    "--service and --invite exclude each other: a program signs in by a key (tf-web key add)")
            }
            guard !invite || !passwordStdin else {
                throw ValidationError("--invite and --password-stdin exclude each other")
            }
        }

        func run() async throws {
            guard Slug.isLogin(login) else {
                throw ValidationError("\"\(login)\" cannot be a login: \(Slug.loginRule)")
            }
            guard login != Slug.ownLogin else {
                throw ValidationError(Slug.noOwnLogin)
            }
            try demandName(name, of: login)
            if let email, !Mail.isOneAddress(email) {
                throw ValidationError("\"\(email.onOneLine)\" is no e-mail address such as uma@example.org")
            }
            // Companies are there only where there is a site.
            let work = try CommandStore(options, mayMake: member.isEmpty)
            var memberships: [(company: Company, roles: Set<String>)] = []
            for text in member {
                let parts = text.split(separator: ":", maxSplits: 1)
                let roles = parts.count == 2 ? Set(parts[1].split(separator: ",").map(String.init)) : []
                let company = try await work.company(String(parts.first ?? ""))
                try await work.demandRoles(roles, of: company)
                memberships.append((company, roles))
            }
            // Programs sign in with their keys, and invited people choose their own password.
            var hash: String?
            if !invite, !service || passwordStdin {
                let owner = PasswordOwner(login: login, name: name, email: email, companies: memberships.map(\.company))
                hash = try await Passwords().hash(try PasswordPrompt.read(fromInput: passwordStdin, for: owner))
            }
            let new = NewAccount(
                login: login, name: name, kind: service ? .service : .person, password: hash, roles: Set(role)
            ).with(email: email)
            let link = invite ? work.newLink(.invite) : nil
            let account = try await work.store.write { [memberships] in
                let account = try $0.addAccount(new, now: work.now)
                for (company, roles) in memberships {
                    try $0.inside(company.id).setMembership(of: account, companyRoles: roles, only: [], now: work.now)
                }
                if let link { try $0.add(link, for: account, now: work.now) }
                return account
            }
            print("user \(login) is made")
            if let link {
                await work.mail(link, to: account)
                print(link.text)
            }
        }
    }

    struct Member: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make somebody a member of a company, change the membership, or end it.",
            discussion: """
                What no option names stays as it is. Open tasks that the person may no longer have are assigned again.

                Examples:
                  tf-web user member bob acme --company-role manager --company-role employee
                  tf-web user member bob acme --only user
                  tf-web user member bob acme --remove
                """)

        @Argument(help: "The login.") var login: String
        @Argument(help: "The company's slug.") var company: String
        @Option(help: "A company role. Those given replace the present ones. Repeatable.")
        var companyRole: [String] = []
        @Flag(help: "Take all company roles away.") var noCompanyRoles = false
        @Option(help: "A system role that counts in this company; all others do not. Repeatable.")
        var only: [SystemRole] = []
        @Flag(help: "Let all system roles of the person count in this company.") var allSystemRoles = false
        @Flag(help: "End the membership.") var remove = false
        @OptionGroup var options: SettingOptions

        func validate() throws {
            guard companyRole.isEmpty || !noCompanyRoles else {
                throw ValidationError("--company-role and --no-company-roles exclude each other")
            }
            guard only.isEmpty || !allSystemRoles else {
                throw ValidationError("--only and --all-system-roles exclude each other")
            }
        }

        func run() async throws {
            let work = try CommandStore(options)
            let (account, company) = (try await work.account(login), try await work.company(company))
            if remove {
                do {
                    try await work.store.write(in: company.id) { try $0.removeMembership(of: account, now: work.now) }
                } catch StoreError.notFound {
                    throw UnknownName("\(login) is no member of \(company.slug)")
                }
                print("\(login) is no member of \(company.slug) any more")
            } else {
                try await work.demandRoles(Set(companyRole), of: company)
                let companyRoles = companyRole.isEmpty && !noCompanyRoles ? nil : Set(companyRole)
                let only = only.isEmpty && !allSystemRoles ? nil : Set(only)
                try await work.store.write(in: company.id) {
                    try $0.setMembership(
                        of: account, companyRoles: companyRoles, only: only, now: work.now)
                }
                print("\(login) is a member of \(company.slug)")
            }
        }
    }

    struct Passwd: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a password and end all sessions.",
            discussion: "The password is read from the terminal, or from standard input with --password-stdin.")

        @Argument(help: "The login.") var login: String
        @Flag(help: "Read the password from standard input.") var passwordStdin = false
        @Flag(help: "Print a link by which the person chooses the password, within an hour.") var link = false
        @OptionGroup var options: SettingOptions

        func validate() throws {
            guard !link || !passwordStdin else {
                throw ValidationError("--link and --password-stdin exclude each other")
            }
        }

        func run() async throws {
            let work = try CommandStore(options)
            let account = try await work.account(login)
            if link { return print(try await work.link(.reset, for: account)) }
            let owner = try await work.store.read { try $0.identity(login) }.map { PasswordOwner($0) }
            let password = try PasswordPrompt.read(
                fromInput: passwordStdin, for: owner ?? PasswordOwner(login: account.login))
            let hash = try await Passwords().hash(password)
            try await work.store.write {
                try $0.setPassword(
                    hash, of: account, keeping: nil, now: work.now)
            }
            print("the password of \(login) is set")
        }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Disable an account: its sessions end and its open tasks are assigned again.")

        @Argument(help: "The login.") var login: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let work = try CommandStore(options)
            _ = try await work.account(login)
            try await work.store.write { try $0.disableAccount(login, now: work.now) }
            print("user \(login) is disabled")
        }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let an account be used again that was disabled; its password and its roles are as they were.")

        @Argument(help: "The login.") var login: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let work = try CommandStore(options)
            _ = try await work.account(login)
            try await work.store.write { session in
                var change = AccountChange()
                change.isDisabled = false
                try session.changeAccount(login, change, version: nil, now: work.now)
            }
            print("user \(login) is enabled")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List all accounts.",
            discussion: """
                One account a line, with tabs between: login, name, person or service, active or disabled, system roles, \
                memberships as company:role:role.
                """)

        @OptionGroup var options: SettingOptions

        func run() async throws {
            for identity in try await CommandStore(options).store.read({ try $0.identities() }) {
                let memberships = identity.memberships.sorted { $0.key < $1.key }.map { slug, member in
                    ([slug] + member.companyRoles.sorted()).joined(separator: ":")
                }
                let fields = [
                    identity.account.login, identity.account.name, identity.account.kind.rawValue,
                    identity.account.isDisabled ? "disabled" : "active",
                    identity.systemRoles.map(\.rawValue).sorted().joined(separator: ","),
                    memberships.joined(separator: " "),
                ]
                print(fields.map(\.onOneLine).joined(separator: "\t"))
            }
        }
    }
}
