import Synchronization
import TFStore

/// What the inner parts of a request tell the outer ones.
final class RequestNotes: Sendable {
    private struct State {
        var caller: Caller?
        var route: Route?
    }

    private let state = Mutex(State())

    var caller: Caller? {
        get { state.withLock { $0.caller } }
        set { state.withLock { $0.caller = newValue } }
    }

    var route: Route? {
        get { state.withLock { $0.route } }
        set { state.withLock { $0.route = newValue } }
    }
}
