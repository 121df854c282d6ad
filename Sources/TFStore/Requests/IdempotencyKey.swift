import TFDefinition
import TFEngine
import TFExpression

/// An account's idempotency key, which tells a repeated request from a new one.
package struct IdempotencyKey: Sendable, Hashable {
    /// How long a key is remembered, in milliseconds.
    package static let lifetime: Int64 = 86_400_000

    package let account: AccountID
    /// The id of the form or the `Idempotency-Key` header, cut to its limit.
    package let name: String
    /// A digest of the request: the same key for another request is refused. It is stored, so it must not be a path or
    /// a text, which can contain a valid link.
    package let request: String
    /// When the request was sent, in milliseconds since 1970.
    package let at: Int64

    package init(account: AccountID, name: String, request: String, at: Int64) {
        self.account = account
        self.name = TextLimit.requestKey.cut(name)
        self.request = request
        self.at = at
    }
}

extension ReadSession {
    /// The response to the first request with this key; nil: this is the first.
    /// - Throws: `StoreError.otherRequest` if the key was used for another request.
    package func answer(to key: IdempotencyKey) throws -> JSON? {
        let row = try first(
            Row.self,
            "SELECT request, answer FROM idempotency_key WHERE account_id = ? AND name = ? AND created_at_ms > ?",
            [key.account, key.name, key.at - IdempotencyKey.lifetime])
        guard let row else { return nil }
        guard row["request"] == key.request else { throw StoreError.otherRequest }
        return row["answer"]
    }
}

extension WriteSession {
    /// Stores the response to a request, in the transaction of its change, so that after a crash both exist or neither.
    package func keep(_ answer: JSON, for key: IdempotencyKey) throws {
        // An existing row has expired and was not deleted yet, or `answer(to:)` would have returned it.
        try run(
            """
            INSERT INTO idempotency_key (account_id, name, request, answer, created_at_ms) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (account_id, name) DO UPDATE SET request = excluded.request, answer = excluded.answer,
                created_at_ms = excluded.created_at_ms
            """, [key.account, key.name, key.request, answer, key.at])
    }
}
