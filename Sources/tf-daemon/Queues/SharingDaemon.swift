import TFStore

/// A daemon that shares the companies with others, and which of them it works for, as `tf-daemon status` shows it.
struct SharingDaemon: Sendable, Hashable {
    private static let shown = 8

    let name: String
    /// Their slugs, in order.
    let companies: [String]
    let renewedAtMs: Int64

    /// The daemons that seem to live; none where one daemon does all the work.
    static func all(_ session: ReadSession, now: Int64) throws -> [SharingDaemon] {
        let led = Dictionary(grouping: try session.ledCompanies(), by: \.leader)
        return try session.daemons().filter { $0.isFresh(now: now) }.map { lease in
            SharingDaemon(
                name: lease.name, companies: (led[lease.name] ?? []).map(\.slug).sorted(),
                renewedAtMs: lease.renewedAtMs)
        }
    }

    var line: String {
        let rest = companies.count - Self.shown
        let names = companies.prefix(Self.shown).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
        return "  \(name) works for \(companies.isEmpty ? "no company yet" : names)"
    }
}
