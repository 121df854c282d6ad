import ArgumentParser
import Foundation
import TFConfiguration
import TFDefinition
import TFStore
import TFSystem

struct CompanyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "company", abstract: "Companies.", subcommands: [Add.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a company and its directory of definitions.")

        @Argument(help: "The company's slug, as it stands in addresses: a–z, 0–9 and -.") var slug: String
        @Option(help: "The company's name, as people see it.") var name: String
        @Option(help: "IANA name of the time zone.") var timezone = "UTC"
        @OptionGroup var options: SettingOptions

        func run() async throws {
            guard Slug.isValid(slug) else { throw ValidationError("\"\(slug)\" cannot be a slug: \(Slug.rule)") }
            try demandName(name, of: slug)
            guard TimeZone(identifier: timezone) != nil else {
                throw ValidationError("there is no time zone \"\(timezone)\"; write an IANA name such as Europe/Berlin")
            }
            let work = try CommandStore(options, mayMake: true)
            _ = try await work.store.write {
                try $0.addCompany(slug: slug, name: name, timezone: timezone, now: work.now)
            }
            let directory = "\(work.settings.definitions)/\(slug)"
            try PrivateFile.makeDirectory(directory, mode: PrivateFile.sharedDirectoryMode)
            print("company \(slug) is made; its definitions go into \(directory)")
        }
    }
}

struct RoleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role", abstract: "Company roles.", subcommands: [Add.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Declare a role of a company.",
            discussion: "Give it to members with: tf-web user member LOGIN COMPANY --company-role ROLE")

        @Argument(help: "The company's slug.") var company: String
        @Argument(help: "The role's name: a–z, 0–9 and -; \"any\" is reserved.") var role: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            guard Slug.isValid(role), role != "any" else {
                throw ValidationError(
                    "\"\(role)\" cannot be a role: \(role == "any" ? "the name is reserved" : Slug.rule)")
            }
            let work = try CommandStore(options)
            let company = try await work.company(company).id
            try await work.store.write(in: company) { try $0.addCompanyRole(role, now: work.now) }
            print("\(self.company) has the role \(role)")
        }
    }
}
