import TFDefinition
import TFEngine
import TFExpression

/// What tells a repeated request from a new one: an account's idempotency key.
package struct RequestKey: Sendable, Hashable {
    /// How long a key is remembered, in milliseconds.
    package static let lifetime: Int64 = 86_400_000

    package let account: AccountID
    /// The id of the form, or the `Idempotency-Key`; a longer one is cut.
    package let name: String
    /// A digest of what was asked for; the same key for something else is refused. Never a path or a text: a path may hold
    /// a live link, and this is stored.
    package let request: String
    /// When it was sent, in milliseconds since 1970.
    package let at: Int64

    package init(account: AccountID, name: String, request: String, at: Int64) {
        self.account = account
        self.name = TextLimit.requestKey.cut(name)
        self.request = request
        self.at = at
    }
}

extension ReadSession {
    /// The whole answer that the first request with this key got; nil: this is the first.
    /// - Throws: `StoreError.otherRequest` where the key was used for something else.
    package func answer(to key: RequestKey) throws -> JSON? {
        let row = try first(
            Row.self,
            "SELECT request, answer FROM submission WHERE account_id = ? AND name = ? AND created_at_ms > ?",
            [key.account, key.name, key.at - RequestKey.lifetime])
        guard let row else { return nil }
        guard row["request"] == key.request else { throw StoreError.otherRequest }
        return row["answer"]
    }
}

extension WriteSession {
    /// Keeps the whole answer of a request, in the transaction of what it changed: both are there after a crash, or neither.
    package func keep(_ answer: JSON, for key: RequestKey) throws {
        // A key that is there is older than it is remembered, and was not swept yet.
        try run(
            """
            INSERT INTO submission (account_id, name, request, answer, created_at_ms) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (account_id, name) DO UPDATE SET request = excluded.request, answer = excluded.answer,
                created_at_ms = excluded.created_at_ms
            """, [key.account, key.name, key.request, answer, key.at])
    }
}
