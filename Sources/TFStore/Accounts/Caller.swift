import TFDefinition
import TFEngine
import TFExpression

/// For whom a copy of the store works: it stands in the audit log, and it keeps a request from having its effect twice.
package struct Caller: Sendable, Hashable {
    /// The login, or the command that acts.
    package let name: String
    package let account: AccountID?
    /// Where the request came from; empty: from this machine.
    package let address: String
    package var submission: Submission?

    package init(name: String, account: AccountID? = nil, address: String = "") {
        self.name = name
        self.account = account
        self.address = address
    }
}

/// What tells a repeated request from a new one.
package struct Submission: Sendable, Hashable {
    /// The id of the form, or the `Idempotency-Key`; a longer one is cut.
    package let name: String
    /// A digest of what was asked for; the same id for something else is refused. Never a path or a text: a path may hold
    /// a live link, and this is stored.
    package let request: String
    /// When it was sent, in milliseconds since 1970.
    package let at: Int64

    package init(name: String, request: String, at: Int64) {
        self.name = TextLimit.requestKey.cut(name)
        self.request = request
        self.at = at
    }
}

extension ReadSession {
    /// What the same request gave before; nil: it is new, or has no id.
    func earlierResult<Value>() throws -> Value? {
        guard let submission = caller?.submission, let account = caller?.account else { return nil }
        let row = try first(
            Row.self,
            """
            SELECT request, result FROM submission WHERE account_id = ? AND name = ? AND created_at_ms > ?
            """, [account, submission.name, submission.at - Store.submissionLifetime])
        guard let row else { return nil }
        guard row["request"] == submission.request else { throw StoreError.otherRequest }
        let result: String = row["result"]
        if let nothing = () as? Value { return nothing }
        if let number = Int(result) as? Value { return number }
        if let number = Int64(result) as? Value { return number }
        if let type = Value.self as? any RowID.Type, let id = type.init(result) as? Value { return id }
        throw StoreError.conflict("this was done already; read it again")
    }

    /// The answer that the same request got; nil: it is new, or its answer was not kept.
    /// - Throws: `StoreError.otherRequest` where its id was used for something else.
    package func earlierAnswer() throws -> JSON? {
        guard let submission = caller?.submission, let account = caller?.account else { return nil }

        let row = try first(
            Row.self,
            """
            SELECT request, answer FROM submission WHERE account_id = ? AND name = ? AND created_at_ms > ?
            """, [account, submission.name, submission.at - Store.submissionLifetime])
        guard let row else { return nil }
        guard row["request"] == submission.request else { throw StoreError.otherRequest }
        return row["answer"]
    }
}

extension WriteSession {
    func remember<Value>(_ value: Value) throws {
        guard let submission = caller?.submission, let account = caller?.account else { return }
        try run(
            """
            INSERT INTO submission (account_id, name, request, result, created_at_ms)
            VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (account_id, name) DO UPDATE SET request = excluded.request, result = excluded.result,
                answer = NULL, created_at_ms = excluded.created_at_ms
            """,
            [
                account, submission.name, submission.request, Store.number(value), submission.at,
            ])
    }

    fileprivate func writeAnswer(_ answer: JSON, of submission: Submission, by account: AccountID) throws {
        try run(
            "UPDATE submission SET answer = ? WHERE account_id = ? AND name = ?",
            [answer, account, submission.name])
    }
}

extension Store {
    /// Keeps what the caller's request was answered, where it changed something. A request without a key writes nothing.
    package func keepAnswer(_ answer: JSON) async throws {
        guard let submission = caller?.submission, let account = caller?.account else { return }
        try await writeAside { session in try session.writeAnswer(answer, of: submission, by: account) }
    }

    /// A copy that works for somebody.
    package func acting(for caller: Caller) -> Store {
        var copy = self
        copy.caller = caller
        return copy
    }

    /// A copy that takes the next change for this request's.
    package func under(_ submission: Submission?) -> Store {
        var copy = self
        copy.caller?.submission = submission
        return copy
    }

    // MARK: Repeated requests

    /// How long a request's id is remembered.
    package static let submissionLifetime: Int64 = 86_400_000

    /// Numbers alone are given again; of anything else, such as an account with its password's hash, nothing is kept.
    fileprivate static func number(_ value: Any) -> String {
        switch value {
        case let number as Int: String(number)
        case let number as Int64: String(number)
        case let id as any RowID: id.description
        default: ""
        }
    }
}
