import Foundation
import Synchronization
import TFEngine
import TFStore

/// How much of the daemon's time each company took of late, and which of them rest for that.
///
/// The engine works for one company after the other, and SQLite writes for one at a time: meanwhile the others wait,
/// tf-web's writers too. A company that takes much more time than another is costly: after each of its turns it rests, for
/// so long that all costly companies together have a third of the time. The others go on at once. Where only one company
/// has had anything to do for a minute, it rests for nobody.
final class FairShares: Sendable {
    /// For how long what a company took counts, in seconds: it fades by a factor of e.
    private static let memory = 1.0
    /// The share of the time above which a company may be costly.
    private static let costlyShare = 0.1
    /// And it took so many times as much as the company that took least. Companies that have as much to do as each
    /// other stay below it.
    private static let costlyRatio = 3.0
    /// For how long a company counts as one that has something to do, after its last turn.
    private static let presence = Duration.seconds(60)
    /// How many times a costly company's turn it rests, if it is the only one.
    private static let rest = 2
    /// However long a turn took: a disk that hung is not the company's doing.
    private static let longestRest = Duration.seconds(1)

    private struct Use {
        /// Seconds.
        var taken = 0.0
        var noted: ContinuousClock.Instant
        var restsUntil: ContinuousClock.Instant

        func taken(at now: ContinuousClock.Instant) -> Double {
            taken * exp(-(noted.duration(to: now) / .seconds(1)) / memory)
        }
    }

    private let uses = Mutex<[CompanyID: Use]>([:])

    /// Notes what turns of some companies took, and lets the costly ones among them rest.
    func note(_ costs: [CompanyID: Duration], at now: ContinuousClock.Instant = .now) {
        uses.withLock { uses in
            uses = uses.filter { $0.value.noted + Self.presence > now }
            for (company, cost) in costs {
                let use = uses[company] ?? Use(noted: now, restsUntil: now)
                uses[company] = Use(
                    taken: use.taken(at: now) + cost / .seconds(1), noted: now, restsUntil: use.restsUntil)
            }
            let costly = Self.costly(uses, at: now)
            for (company, cost) in costs where costly.contains(company) {
                let start = max(now, uses[company]?.restsUntil ?? now)
                let end = start + cost * ((Self.rest + 1) * costly.count - 1)
                uses[company]?.restsUntil = min(end, now + Self.longestRest)
            }
        }
    }

    private static func costly(_ uses: [CompanyID: Use], at now: ContinuousClock.Instant) -> Set<CompanyID> {
        guard uses.count > 1 else { return [] }
        let shares = uses.mapValues { $0.taken(at: now) / memory }
        let least = shares.values.min() ?? 0
        return Set(shares.filter { $0.value > costlyShare && $0.value > costlyRatio * least }.keys)
    }

    /// Whether others than this company had something to do of late.
    func hasOthers(than company: CompanyID, at now: ContinuousClock.Instant = .now) -> Bool {
        uses.withLock { $0.contains { $0.key != company && $0.value.noted + Self.presence > now } }
    }

    /// The companies that rest now, and when the first of them has rested.
    func resting(at now: ContinuousClock.Instant = .now) -> Rest {
        uses.withLock { uses in
            let resting = uses.filter { $0.value.restsUntil > now }
            return Rest(companies: Set(resting.keys), end: resting.values.map(\.restsUntil).min())
        }
    }

    struct Rest {
        let companies: Set<CompanyID>
        /// nil: nobody rests.
        let end: ContinuousClock.Instant?
    }
}
