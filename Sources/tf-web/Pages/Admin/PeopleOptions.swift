import TFStore

/// People whom a field for a user name offers, by login and name.
struct PeopleOptions {
    /// How many accounts a field offers; a site with more has admins who know the logins.
    private static let limit = 200

    /// The value of the field's attribute `list`.
    let id: String
    let accounts: [Account]

    /// The first accounts of the site.
    static func accounts(_ session: ReadSession) throws -> [Identity] {
        var everybody = PeopleFilter()
        everybody.limit = limit
        return try session.people(everybody).rows.map(\.identity)
    }

    var html: HTML {
        let options = accounts.map { account -> HTML in #"<option value="\#(account.login)">\#(account.name)</option>"#
        }
        return #"<datalist id="\#(id)">\#(options)</datalist>"#
    }
}
