/// The address of a PostgreSQL database, as libpq takes it.
package enum DatabaseAddress {
    /// The address as people may see it.
    package static func withoutPassword(_ url: String) -> String {
        url.replacing(/:\/\/(?<user>[^:@\/?]*):[^@]*@/) { "://\($0.user)@" }
            .replacing(/(?<key>[?&](?:ssl)?password=)[^&]*/) { "\($0.key)" }
    }
}
