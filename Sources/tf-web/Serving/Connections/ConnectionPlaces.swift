import Logging
import NIOCore
import Synchronization

/// Tells a connection that it has to go for a newcomer, if it still has nothing to do.
struct MakesRoom: Sendable {}

/// The places for connections, and who has to go when all of them are taken: the one that has been idle longest, else
/// the newcomer, who is told so. A few places are kept for those that are being told.
final class ConnectionPlaces: Sendable {
    struct Figures: Sendable, Equatable {
        /// Connections that are open.
        var open = 0
        /// Newcomers that were told that all places are taken, since the start.
        var refused = 0
        /// Idle connections that were closed for a newcomer, since the start.
        var displaced = 0
    }

    private struct Place {
        let channel: any Channel
        /// nil: a request is under way.
        var idleSince: NIODeadline?
    }

    private struct State {
        var served: [ObjectIdentifier: Place] = [:]
        var refused: [ObjectIdentifier: Place] = [:]
        var figures = Figures()
        /// When it was last told that all places are taken, and the figures at that time.
        var told: (at: ContinuousClock.Instant, figures: Figures)?
    }

    private static let pause = Duration.seconds(60)

    /// How many connections are served at a time.
    let limit: Int
    private let spare: Int
    private let logger: Logger?
    private let state = Mutex(State())

    /// - Parameter count: how many connections can be open.
    init(of count: Int, logger: Logger? = nil) {
        spare = min(count / 2, max(4, min(64, count / 8)))
        limit = count - spare
        self.logger = logger
    }

    var figures: Figures { state.withLock { $0.figures } }

    /// Takes a place for a newcomer.
    /// - Returns: false if there is none, and the newcomer has to be told.
    func enter(_ id: ObjectIdentifier, _ channel: any Channel, now: NIODeadline) -> Bool {
        let newcomer = Place(channel: channel, idleSince: now)
        let (isServed, leaves, isDisplaced): (Bool, (any Channel)?, Bool) = state.withLock { state in
            state.figures.open += 1
            if state.served.count < limit {
                state.served[id] = newcomer
                return (true, nil, false)
            }
            if let idle = Self.longest(in: state.served) {
                let leaves = state.served.removeValue(forKey: idle)?.channel
                state.served[id] = newcomer
                state.figures.displaced += 1
                return (true, leaves, true)
            }
            // One more has to fit, or the next newcomer would wait.
            let oldest = state.refused.count + 1 >= spare ? Self.longest(in: state.refused) : nil
            let leaves = oldest.flatMap { state.refused.removeValue(forKey: $0)?.channel }
            state.refused[id] = newcomer
            state.figures.refused += 1
            return (false, leaves, false)
        }
        if isDisplaced {
            leaves?.pipeline.fireUserInboundEventTriggered(MakesRoom())
        } else {
            leaves?.close(promise: nil)
        }
        if isDisplaced || !isServed { warn() }
        return isServed
    }

    /// A request begins.
    func begin(_ id: ObjectIdentifier) { state.withLock { $0.served[id]?.idleSince = nil } }

    /// The connection has nothing to do any more.
    func rest(_ id: ObjectIdentifier, now: NIODeadline) { state.withLock { $0.served[id]?.idleSince = now } }

    /// The connection that should have gone got a request first, and keeps its place.
    func stay(_ id: ObjectIdentifier, _ channel: any Channel) {
        state.withLock { state in
            state.served[id] = Place(channel: channel, idleSince: nil)
            state.figures.displaced -= 1
        }
    }

    func leave(_ id: ObjectIdentifier) {
        state.withLock { state in
            state.served[id] = nil
            state.refused[id] = nil
            state.figures.open -= 1
        }
    }

    private static func longest(in places: [ObjectIdentifier: Place]) -> ObjectIdentifier? {
        var found: (id: ObjectIdentifier, since: NIODeadline)?
        for (id, place) in places {
            guard let since = place.idleSince, found.map({ since < $0.since }) ?? true else { continue }
            found = (id, since)
        }
        return found?.id
    }

    /// Tells once a minute that all places are taken.
    private func warn() {
        guard let logger else { return }
        let now = ContinuousClock.now
        let news: (refused: Int, displaced: Int)? = state.withLock { state in
            guard state.told.map({ now - $0.at >= Self.pause }) ?? true else { return nil }
            let before = state.told?.figures ?? Figures()
            state.told = (now, state.figures)
            return (state.figures.refused - before.refused, state.figures.displaced - before.displaced)
        }
        guard let news else { return }
        logger.warning(
            "all places for connections are taken",
            metadata: [
                "places": "\(limit)", "refused": "\(news.refused)", "idle ones closed": "\(news.displaced)",
            ])
    }
}
