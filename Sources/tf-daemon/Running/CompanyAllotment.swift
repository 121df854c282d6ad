import TFEngine
import TFQueue
import TFStore

/// Which companies a daemon keeps, wants and gives away.
struct CompanyAllotment: Sendable, Hashable {
    /// With their epochs.
    let kept: [CompanyID: Int64]
    let wanted: [CompanyID]
    let given: [CompanyID]
    /// Whether some that it led were taken from it.
    private let hasLost: Bool

    /// - Parameters:
    ///   - held: the companies that it leads, with their epochs.
    ///   - living: the daemons that live.
    ///   - companies: all companies, as they were just read.
    /// - Returns: nil if the daemon itself is not among those that live.
    init?(
        of daemon: String, held: [CompanyID: Int64], among living: Set<String>, _ companies: [LedCompany]
    ) {
        guard living.contains(daemon) else { return nil }
        let names = living.sorted()
        let choice = Rendezvous(names)
        let own = companies.filter { names[choice.index(for: $0.slug)] == daemon }
        let mine = Set(own.map(\.id))
        let sure = held.filter { id, epoch in companies.contains { $0.id == id && $0.epoch == epoch } }
        hasLost = sure.count < held.count
        kept = sure.filter { mine.contains($0.key) }
        // As its rows say, until they say so no more.
        given = companies.filter { $0.leader == daemon && !mine.contains($0.id) }.map(\.id)
        // What another daemon that lives still has, it gives away by itself.
        wanted = own.filter { sure[$0.id] == nil && ($0.leader == daemon || !living.contains($0.leader)) }.map(\.id)
    }

    var isChange: Bool { hasLost || !wanted.isEmpty || !given.isEmpty }
}
