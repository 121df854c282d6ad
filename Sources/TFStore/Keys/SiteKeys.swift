extension ReadSession {
    /// All keys of the site as they are sealed, by name.
    func sealedKeys() throws -> [String: String] {
        try all(Row.self, "SELECT name, sealed FROM site_key ORDER BY name").reduce(into: [:]) {
            $0[$1["name"]] = $1["sealed"] as String
        }
    }
}

extension WriteSession {
    /// Adds a key, or puts it in the place of the one of that name.
    func setKey(_ name: String, sealed: String) throws {
        try run(
            """
            INSERT INTO site_key (name, sealed) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET sealed = excluded.sealed
            """, [name, sealed])
    }

    func removeKey(_ name: String) throws { try run("DELETE FROM site_key WHERE name = ?", [name]) }
}
