import ArgumentParser
import Foundation
import TFConfiguration
import TFStore

/// The store for commands at a terminal, which write in the name of the system user who runs them.
struct CommandStore {
    let settings: Settings
    let store: Store

    /// - Parameters:
    ///   - mayMake: whether the command may be the first one of a site, and makes the store if there is none. Any other
    ///     would make a second site in a mistyped directory.
    ///   - isTried: whether the command only tells what it would do: then it does not upgrade the store either.
    /// - Throws: `StoreOpenError`, also if there is no store that should be there.
    init(_ options: SettingOptions, mayMake: Bool = false, isTried: Bool = false) throws {
        settings = try Settings.read(options)
        let location = StoreLocation(settings.storeURL)
        if isTried {
            try Store(reading: settings.data, at: location, baseURL: settings.baseURL).close()
        } else if !mayMake {
            try Store.demand(in: settings.data, at: location)
        }
        store = try Store(
            directory: settings.data, at: location, baseURL: settings.baseURL, upgradeBackups: settings.upgradeBackups,
            waiting: { StandardError.write($0 + "\n") }
        )
        .acting(for: .commandLine)
    }

    var now: Int64 { WallClock.now() }

    /// - Throws: `UnknownName` if there is none.
    func company(_ slug: String) async throws -> Company {
        guard let company = try await store.read({ try $0.company(slug) }) else {
            throw UnknownName(
                "there is no company \"\(slug)\"; make it with: tf-web company add \(slug) --name NAME")
        }
        return company
    }

    /// - Throws: `UnknownName` for roles that the company has not declared.
    func demandRoles(_ roles: Set<String>, of company: Company) async throws {
        do {
            try await store.read(in: company.id) { try $0.requireDeclared(roles) }
        } catch let error as StoreError {
            guard case .invalid = error else { throw error }
            throw UnknownName("\(error)")
        }
    }

    /// - Throws: `UnknownName` if there is none.
    func account(_ login: String) async throws -> Account {
        guard let account = try await store.read({ try $0.account(login) }) else {
            throw UnknownName("there is no user \"\(login)\"; tf-web user list shows all")
        }
        return account
    }

    /// Stores a link for choosing a password, and mails it.
    func link(_ kind: PasswordLinkKind, for account: Account) async throws -> String {
        let link = newLink(kind)
        try await store.write { try $0.add(link, for: account, now: now) }
        await mail(link, to: account)
        return link.text
    }

    /// A link that is not stored yet.
    func newLink(_ kind: PasswordLinkKind) -> PasswordLink { PasswordLink(kind, baseURL: settings.baseURL) }

    /// Mails a link that is stored, where `mail.sendmail` is set.
    func mail(_ link: PasswordLink, to account: Account) async {
        await Mailer(settings, settings.logger("tf-web"))?.send(link, to: account)
    }
}

/// Refuses an empty name, as the pages and the import do.
/// - Throws: `ValidationError`, which is wrong usage.
func demandName(_ name: String, of subject: String) throws {
    guard name.contains(where: { !$0.isWhitespace }) else {
        throw ValidationError("\(subject) needs a name; write it behind --name")
    }
}

extension SystemRole: ExpressibleByArgument {}
