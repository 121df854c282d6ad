import TFEngine

/// The stored data of an account's second factor.
package struct SecondFactor: Sendable, Hashable {
    /// The secret is the HMAC of this value.
    package let nonce: String
    /// Milliseconds since 1970; nil: the first code was not entered yet, so it is not in force.
    package let confirmedAtMs: Int64?
    /// The number of unused recovery codes.
    package let recoveryCodesLeft: Int
}

/// The second factor of an account (RFC 6238) and its recovery codes. The caller knows the secret and checks the codes;
/// the store makes sure that each is used only once.
extension ReadSession {
    /// The second factor of an account; nil: none was begun.
    package func secondFactor(of account: AccountID) throws -> SecondFactor? {
        let row = try first(
            Row.self,
            """
            SELECT totp_nonce, totp_confirmed_at_ms, (SELECT COUNT(*) FROM recovery_code r
                WHERE r.account_id = account.id AND r.used_at_ms IS NULL) AS codes
            FROM account WHERE id = ?
            """, [account])
        guard let row, let nonce: String = row["totp_nonce"] else { return nil }
        return SecondFactor(
            nonce: nonce, confirmedAtMs: row["totp_confirmed_at_ms"], recoveryCodesLeft: row["codes"])
    }
}

extension WriteSession {
    /// Begins to set up a second factor, which is in force only after `confirmSecondFactor`. A set-up that has begun
    /// already goes on.
    /// - Parameter nonce: used only if no set-up has begun.
    /// - Returns: the nonce of the set-up.
    /// - Throws: `StoreError.conflict` if there is a confirmed one.
    @discardableResult
    package func beginSecondFactor(of account: AccountID, nonce: String) throws -> String {
        let begun = try first(
            String.self,
            """
            UPDATE account SET totp_nonce = COALESCE(totp_nonce, ?) WHERE id = ? AND totp_confirmed_at_ms IS NULL
            RETURNING totp_nonce
            """, [nonce, account])
        guard let begun else { throw StoreError.conflict("a second factor is set up already") }
        return begun
    }

    /// Puts a second factor in force after its first code was checked.
    /// - Parameters:
    ///   - step: the time step of that code, which cannot be used again.
    ///   - recoveryCodes: the hashes of the recovery codes.
    /// - Throws: `StoreError.conflict` if there is a confirmed one, or none was begun.
    package func confirmSecondFactor(
        of account: Account, step: Int64, recoveryCodes: [String], now: Int64
    ) throws {
        guard
            try changedRows(
                """
                UPDATE account SET totp_confirmed_at_ms = ?, totp_step = ?
                WHERE id = ? AND totp_confirmed_at_ms IS NULL AND totp_nonce IS NOT NULL
                """, [now, step, account.id]) > 0
        else { throw StoreError.conflict("a second factor is set up already") }
        for hash in recoveryCodes {
            try run("INSERT INTO recovery_code (account_id, hash) VALUES (?, ?)", [account.id, hash])
        }
        try audit(.secondFactorSet, .user(account.login), now: now)
    }

    /// Removes a second factor and its recovery codes.
    package func removeSecondFactor(of account: Account, now: Int64) throws {
        try run(
            """
            UPDATE account SET totp_nonce = NULL, totp_confirmed_at_ms = NULL, totp_step = 0 WHERE id = ?
            """, [account.id])
        try run("DELETE FROM recovery_code WHERE account_id = ?", [account.id])
        try audit(.secondFactorRemoved, .user(account.login), now: now)
    }

    /// Uses up a code by its time step.
    /// - Returns: false if that step or a later one was used already.
    package func useSecondFactor(of account: AccountID, step: Int64) throws -> Bool {
        try changedRows("UPDATE account SET totp_step = ? WHERE id = ? AND totp_step < ?", [step, account, step]) > 0
    }

    /// Uses up a recovery code.
    /// - Returns: false if the account has no such unused code.
    package func useRecoveryCode(_ hash: String, of account: AccountID, now: Int64) throws -> Bool {
        try changedRows(
            """
            UPDATE recovery_code SET used_at_ms = ? WHERE account_id = ? AND hash = ? AND used_at_ms IS NULL
            """, [now, account, hash]) > 0
    }
}
