import ArgumentParser
import Foundation
import TFConfiguration
import TFDefinition
import TFExpression
import TFStore
import TFSystem

struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Secrets of a company, for $secrets in its workflows.",
        discussion: """
            A secret is sealed with one of the site's keys. A workflow names it in use.secrets and reads it as \
            $secrets.NAME in input.from and in call: http. A value that is a JSON object is read as an object, any other \
            as text.

            With the key lost, nobody opens what it sealed, and tf-daemon does not start: put the key back from a backup. Only \
            if there is none, remove the secrets and set them anew.

            Example:
              tf-daemon secret set acme token < token.txt

            Exit status: 0 done, 1 the store could not be opened or written, 2 wrong usage, or there is no such company or \
            secret.
            """,
        subcommands: [Set.self, List.self, Remove.self])

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set a secret; the value is read from standard input, without its last line break.")

        @Argument(help: "The company's slug.") var company: String
        private static let limitBytes = 65_536

        @Argument(help: "The secret's name: letters, digits, - and _, at most 63.") var name: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            guard Slug.isWord(name) else {
                throw ValidationError("\"\(name)\" cannot be a secret's name: letters, digits, - and _")
            }
            if isatty(STDIN_FILENO) == 1 {
                StandardError.write("the value of \(name.onOneLine), then Ctrl-D:\n")
            }
            guard var bytes = RawBytes.read(STDIN_FILENO, limit: Self.limitBytes + 2) else {
                throw ValidationError("standard input cannot be read")
            }
            if bytes.last == 0x0A { bytes.removeLast() }
            guard let value = String(validating: bytes, as: UTF8.self), !value.isEmpty,
                bytes.count <= Self.limitBytes, !bytes.contains(0)
            else {
                throw ValidationError(
                    "a secret is a text without NUL, of \(Self.limitBytes >> 10) KB at most and not empty")
            }
            let secrets = try await CompanySecrets(options, company)
            try await secrets.set(name, to: value)
            try secrets.close()
            print("\(company) has the secret \(name)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List a company's secrets by name.")

        @Argument(help: "The company's slug.") var company: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let secrets = try await CompanySecrets(options, company)
            let names = try await secrets.names()
            try secrets.close()
            // A script takes each line of the output for a secret.
            if names.isEmpty {
                StandardError.write("\(company) has no secrets; tf-daemon secret set \(company) NAME\n")
            }
            for (name, at) in names {
                print("\(name)  set \(Moment.iso8601(at))")
            }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove a secret.")

        @Argument(help: "The company's slug.") var company: String
        @Argument(help: "The secret's name.") var name: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let secrets = try await CompanySecrets(options, company)
            let isRemoved = try await secrets.remove(name)
            try secrets.close()
            guard isRemoved else { throw UnknownName("\(company) has no secret \(name)") }
            print("\(name) is removed")
        }
    }
}

/// The secrets of one company, sealed in the store.
private struct CompanySecrets {
    private let settings: Settings
    private let site: Store
    private let store: CompanyStore

    init(_ options: SettingOptions, _ slug: String) async throws {
        settings = try Settings.read(options)
        site = try existingStore(settings)
        store = site.inside(try await knownCompany(slug, in: site).id)
    }

    func set(_ name: String, to value: String) async throws {
        let box = try await SecretBox(KeyHome(of: site, settings), of: site)
        let sealed = box.seal(value, company: store.company, name: name)
        try await store.write { try $0.setSecret(name, sealed: sealed, now: WallClock.now()) }
    }

    func names() async throws -> [(name: String, updatedAt: Int64)] { try await store.read { try $0.secretNames() } }

    func remove(_ name: String) async throws -> Bool { try await store.write { try $0.removeSecret(name) } }

    func close() throws { try site.close() }
}
