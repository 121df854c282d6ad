import Synchronization
import TFEngine
import TFStore

/// Facts about a request that inner handlers pass to outer middlewares.
final class RequestNotes: Sendable {
    private struct State {
        var caller: Caller?
        var route: Route?
        var credential: Credential?
        var formToken: FormToken?
        var cookies: [String] = []
        var answerHoldsSecret = false
        var isAnswerRepeated = true
    }

    private let state = Mutex(State())

    var caller: Caller? {
        get { state.withLock { $0.caller } }
        set { state.withLock { $0.caller = newValue } }
    }

    /// The `Set-Cookie` values of a session that was refreshed during this request. They are sent even if the request
    /// fails; otherwise the next request would carry a used refresh token.
    var cookies: [String] {
        get { state.withLock { $0.cookies } }
        set { state.withLock { $0.cookies = newValue } }
    }

    /// What the request shows to prove who sends it, for the layout of an error's page.
    var credential: Credential? {
        get { state.withLock { $0.credential } }
        set { state.withLock { $0.credential = newValue } }
    }

    /// The token of the forms of its answer, made once.
    func formToken(of session: SessionID, keys: KeyRing) -> FormToken {
        if let known = state.withLock({ $0.formToken }), known.session == session { return known }
        let token = FormToken(session: session, keys: keys)
        state.withLock { $0.formToken = token }
        return token
    }

    var route: Route? {
        get { state.withLock { $0.route } }
        set { state.withLock { $0.route = newValue } }
    }

    /// Whether the answer is stored and replayed to a repeated request; false: the request is handled anew.
    var isAnswerRepeated: Bool {
        get { state.withLock { $0.isAnswerRepeated } }
        set { state.withLock { $0.isAnswerRepeated = newValue } }
    }

    /// Whether the answer shows a secret that is stored nowhere in clear text, and so must not be stored for replay.
    var answerHoldsSecret: Bool {
        get { state.withLock { $0.answerHoldsSecret } }
        set { state.withLock { $0.answerHoldsSecret = newValue } }
    }
}
