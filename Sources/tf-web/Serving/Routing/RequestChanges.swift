import Hummingbird
import TFStore

/// The change that a request makes: once, however often the request is sent with its idempotency key.
///
/// The answer is made and kept in the transaction of the change, so that a process that dies leaves both or neither, and
/// whoever sends the request again gets the first one's whole answer.
struct RequestChanges: Sendable {
    /// Works for the caller, inside the company of the address.
    let store: CompanyStore
    /// nil: the request has none.
    let key: RequestKey?
    fileprivate let notes: RequestNotes

    init(store: CompanyStore, _ context: WebContext) {
        self.init(store: store, key: context.key, notes: context.notes)
    }

    private init(store: CompanyStore, key: RequestKey?, notes: RequestNotes) {
        self.store = store
        self.key = key
        self.notes = notes
    }

    /// With the key of a form whose page has read it.
    func under(_ key: RequestKey?) -> RequestChanges { RequestChanges(store: store, key: key, notes: notes) }

    /// - Parameter answer: what is said of the change; it reads in the same transaction.
    func answer<Value>(
        _ change: CompanyChange<Value>, _ answer: @escaping @Sendable (CompanyWriteSession, Value) throws -> Reply
    ) async throws -> Response {
        let stored = try await store.answer(to: key, change) { session, value in try answer(session, value).stored }
        #if DEBUG
            if let key { TestCrash.dieIfAsked(behind: key) }
        #endif
        guard let answer = Reply(stored: stored) else {
            throw StoreError.conflict("this was done already; read it again")
        }
        notes.answerIsKept = key != nil
        return answer.response
    }

    /// A change without a check of its own.
    func answer(_ change: @escaping @Sendable (CompanyWriteSession) throws -> Reply) async throws -> Response {
        try await answer(CompanyChange(change)) { _, answer in answer }
    }
}
