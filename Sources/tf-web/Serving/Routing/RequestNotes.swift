import Synchronization
import TFStore

/// What the inner parts of a request tell the outer ones.
final class RequestNotes: Sendable {
    private struct State {
        var caller: Caller?
        var route: Route?
        var cookies: [String] = []
        var answerHoldsSecret = false
        var isAnswerRepeated = true
    }

    private let state = Mutex(State())

    var caller: Caller? {
        get { state.withLock { $0.caller } }
        set { state.withLock { $0.caller = newValue } }
    }

    /// The cookies of a session that was refreshed inside this request: they are set whatever comes of it, or the next
    /// request would come with an old token.
    var cookies: [String] {
        get { state.withLock { $0.cookies } }
        set { state.withLock { $0.cookies = newValue } }
    }

    var route: Route? {
        get { state.withLock { $0.route } }
        set { state.withLock { $0.route = newValue } }
    }

    /// Whether a repeated request gets this answer; false: it is worked out anew.
    var isAnswerRepeated: Bool {
        get { state.withLock { $0.isAnswerRepeated } }
        set { state.withLock { $0.isAnswerRepeated = newValue } }
    }

    /// Whether the answer shows what is kept nowhere in clear, so that it must not be kept for a repeated request.
    var answerHoldsSecret: Bool {
        get { state.withLock { $0.answerHoldsSecret } }
        set { state.withLock { $0.answerHoldsSecret = newValue } }
    }
}
