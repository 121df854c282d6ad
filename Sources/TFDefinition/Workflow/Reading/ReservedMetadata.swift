import TFExpression

/// The keys of a `metadata` that have an effect; all others are free.
struct ReservedMetadata {
    static let step = ReservedMetadata(names: ["ticketStatus", "background", "idempotent"])
    static let document = ReservedMetadata(names: ["ticket"])

    let names: [String]

    /// Reports a key that is close to a reserved one: it would have no effect.
    func check(_ entries: [YAMLNode.Entry], _ diagnostics: inout Diagnostics) {
        for entry in entries where !names.contains(entry.key) {
            // `ticket_status` and `ticket-status` are too far from it for `nearestName`.
            let plain = entry.key.lowercased().filter { $0 != "_" && $0 != "-" && $0 != " " }
            let meant = names.first { $0.lowercased() == plain } ?? nearestName(to: entry.key, among: names)
            guard let meant else { continue }
            diagnostics.error(
                "\"\(entry.key)\" in \"metadata\" is near a reserved key and has no effect", at: entry.keyPosition,
                suggestion: meant)
        }
    }
}
