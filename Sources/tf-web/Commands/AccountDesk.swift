import ArgumentParser
import Foundation
import TFConfiguration
import TFDefinition
import TFStore

/// Settings, store and helpers that the account commands share.
struct AccountDesk {
    let settings: Settings
    let store: Store

    init(_ options: SettingOptions) throws {
        settings = try Settings.read(options)
        store = try Store(directory: settings.data, baseURL: settings.baseURL)
            .acting(for: Caller(name: "command line (\(NSUserName()))"))
    }

    var now: Int64 { WallClock.now() }

    func company(_ slug: String) async throws -> Company {
        guard let company = try await store.read({ try $0.company(slug) }) else {
            throw ValidationError(
                "there is no company \"\(slug)\"; make it with: tf-web company add \(slug) --name NAME")
        }
        return company
    }

    /// Makes a link by which somebody chooses their password.
    func link(_ kind: PasswordLinkKind, for account: Account) async throws -> String {
        let site = try Site(settings: settings, logger: settings.logger("tf-web"))
        return try await PasswordLinks(site: site).make(kind, for: account, store)
    }

    func account(_ login: String) async throws -> Account {
        guard let account = try await store.read({ try $0.account(login) }) else {
            throw ValidationError("there is no user \"\(login)\"; tf-web user list shows all")
        }
        return account
    }

    /// Reads a password from standard input, or twice from the terminal without showing it.
    func password(fromInput: Bool, of owner: PasswordOwner) throws -> String {
        let password: String
        if fromInput {
            guard let line = readLine(strippingNewline: true) else { throw ValidationError("standard input is empty") }
            password = line
        } else {
            guard isatty(STDIN_FILENO) == 1 else {
                throw ValidationError("there is no terminal to ask for the password; use --password-stdin")
            }
            password = Self.ask("Password: ")
            guard Self.ask("Once more: ") == password else { throw ValidationError("the two passwords differ") }
        }
        if let problem = Passwords.problem(password, owner: owner) { throw ValidationError(problem) }
        return password
    }

    private static func ask(_ prompt: String) -> String {
        StandardError.write(prompt)
        var settings = termios()
        tcgetattr(STDIN_FILENO, &settings)
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            StandardError.write("\n")
        }
        return readLine(strippingNewline: true) ?? ""
    }
}

extension SystemRole: ExpressibleByArgument {}
