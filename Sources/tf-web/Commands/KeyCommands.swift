import ArgumentParser
import TFConfiguration
import TFEngine
import TFExpression
import TFStore

/// API keys of service accounts.
struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "API keys, by which service accounts sign in.",
        subcommands: [Add.self, List.self, Revoke.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it.",
            discussion: """
                The key is shown once; the store keeps only its hash. A program sends it as: Authorization: Bearer KEY
                """)

        @Argument(help: "The service account's login.") var login: String
        @Option(help: "What the key is for, as `list` shows it.") var name = ""
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let work = try CommandStore(options)
            let text = APIKeyText.make()
            guard let key = APIKeyText(text) else { throw ValidationError("no key was made") }
            let account = try await work.account(login)
            try await work.store.write {
                try $0.addAPIKey(
                    id: key.id, hash: key.hash, name: name, of: account, now: work.now)
            }
            print(text)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List an account's keys.",
            discussion: "One key a line, with tabs between: id, active or revoked, made at, last used at, name.")

        @Argument(help: "The service account's login.") var login: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let work = try CommandStore(options)
            let account = try await work.account(login).id
            for key in try await work.store.read({ try $0.apiKeys(of: account) }) {
                let fields = [
                    key.id.rawValue, key.revokedAtMs == nil ? "active" : "revoked", Moment.iso8601(key.createdAtMs),
                    key.usedAtMs.map(Moment.iso8601) ?? "never", key.name,
                ]
                print(fields.map(\.onOneLine).joined(separator: "\t"))
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a key at once.")

        @Argument(help: "The service account's login.") var login: String
        @Argument(help: "The key's id: the middle part of the key, as `list` shows it.") var id: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let work = try CommandStore(options)
            do {
                let account = try await work.account(login)
                try await work.store.write { try $0.revokeAPIKey(APIKeyID(id), of: account, now: work.now) }
            } catch StoreError.notFound {
                throw UnknownName("\(login) has no key \"\(id)\" in force; tf-web key list \(login) shows all")
            }
            print("the key \(id) of \(login) is revoked")
        }
    }
}

/// The keys that sign access tokens.
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys", abstract: "The keys that sign access tokens.",
        subcommands: [List.self, Rotate.self, Revoke.self, Renew.self])

    private static func ring(_ options: SettingOptions) async throws -> (KeyRing, CommandStore) {
        let work = try CommandStore(options)
        let home = try await KeyHome(of: work.store, work.settings)
        return (try await KeyRing(home, of: work.store, now: work.now), work)
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys.",
            discussion: "One key a line, with tabs between: id, state (next, active or retired), in this state since.")

        @OptionGroup var options: SettingOptions

        func run() async throws {
            let work = try CommandStore(options)
            guard let home = try await KeyHome.existing(of: work.store, work.settings) else { return Self.tellNone() }
            try await KeyRing.refuseLost(home, of: work.store, now: work.now)
            guard let ring = try await KeyRing(reading: home) else { return Self.tellNone() }
            for entry in ring.entries {
                print("\(entry.key.id)\t\(entry.state.rawValue)\t\(Moment.iso8601(entry.since))")
            }
        }

        private static func tellNone() {
            StandardError.write("there are no keys yet; tf-web makes them at its first start\n")
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign with the next key from now on.",
            discussion: """
                The next key has been in /.well-known/jwks.json for a while, so that other servers have it. The present \
                one goes on verifying until its last token has ended: nobody is signed out. Running servers follow \
                within 2 seconds. A key that has been there for less than 5 minutes, as after a rotation just before, is \
                told: other servers may refuse what it signs until then.
                """)

        @OptionGroup var options: SettingOptions

        func run() async throws {
            let (ring, work) = try await KeysCommand.ring(options)
            let next = ring.entries.first { $0.state == .next }
            let id = try await ring.rotate(now: work.now)
            try await work.store.writeAside { try $0.note(.keysRotated, .signingKey(id), now: work.now) }
            print("\(id) signs now")
            // Of another process' rotation meanwhile the next key is not the one that signs.
            guard let next, next.key.id == id, work.now - next.since < WellKnown.keyMemory * 1_000 else { return }
            StandardError.write(
                "it has been published for \(max(0, work.now - next.since) / 1_000) s only: servers that keep the keys for "
                    + "\(WellKnown.keyMemory / 60) minutes may refuse its tokens until they ask again\n")
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a key: tokens that it signed are refused within 2 seconds.",
            discussion: "Sessions go on: pages and programs get new access tokens by their refresh tokens.")

        /// Moves an id that begins with a hyphen behind all other arguments, where it does not look like an option. New
        /// keys have no such ids.
        static func readable(_ arguments: [String]) -> [String] {
            guard arguments.starts(with: ["keys", "revoke"]), !arguments.contains("--"),
                let place = arguments.firstIndex(where: { $0.hasPrefix("-") && SigningKey.isID($0) })
            else { return arguments }
            return Array(arguments[..<place] + arguments[(place + 1)...]) + ["--", arguments[place]]
        }

        @Argument(help: "The key's id, as `list` and /.well-known/jwks.json show it.") var kid: String
        @OptionGroup var options: SettingOptions

        func run() async throws {
            let (ring, work) = try await KeysCommand.ring(options)
            do { try await ring.revoke(kid, now: work.now) } catch KeyError.unknown {
                throw UnknownName("\(KeyError.unknown(kid))")
            }
            try await work.store.writeAside { try $0.note(.keyOfTokensRevoked, .signingKey(kid), now: work.now) }
            print("\(kid) is revoked")
        }
    }

    struct Renew: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make new keys in place of some that are lost for good.",
            discussion: """
                tf-web does not start while a key that people depend on is missing or cut off: put keys/ back from a \
                backup. Only if there is none, stop tf-web, run this, and start it again. Where the file secret is lost, \
                everybody signs in again, and every second factor is removed: people set up a new one. While all keys are \
                whole it does nothing. The key that seals the secrets of workflows is not one of them: \
                see `tf-daemon secret --help`.
                """)

        @Flag(help: "Do it.") var yes = false
        @OptionGroup var options: SettingOptions

        func validate() throws {
            guard yes else {
                throw ValidationError("sessions and second factors may end by it; add --yes if no backup has the keys")
            }
        }

        func run() async throws {
            let work = try CommandStore(options)
            let home = try await KeyHome(of: work.store, work.settings)
            guard let hasNewSecret = try await KeyRing.renew(home, of: work.store, now: work.now) else {
                throw ValidationError("no key is lost; `tf-web keys rotate` changes which one signs")
            }
            let ring = try await KeyRing(home, now: work.now)
            let id = ring.active?.id ?? ""
            try await work.store.writeAside { try $0.note(.keysRotated, .signingKey(id), now: work.now) }
            print(
                hasNewSecret
                    ? "the keys are new: everybody signs in again, and second factors are removed; start tf-web again"
                    : "the keys that sign are new; start tf-web again")
        }
    }
}
