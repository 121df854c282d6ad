import TFSystem

/// The setting `store.url`, which libpq reads itself.
enum StoreAddress {
    /// - Throws: `SettingsError` for what is no address of PostgreSQL.
    static func checked(_ url: String) throws -> String {
        guard ["postgresql://", "postgres://"].contains(where: url.hasPrefix) else {
            throw Settings.refusal(
                .storeURL, "cannot be \"\(DatabaseAddress.withoutPassword(url))\"; it begins with postgresql://")
        }
        return url
    }

    static func hasPassword(_ url: String) -> Bool { DatabaseAddress.withoutPassword(url) != url }
}
