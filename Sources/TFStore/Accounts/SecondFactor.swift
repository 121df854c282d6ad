import TFEngine

/// What a second factor rests on.
package struct SecondFactor: Sendable, Hashable {
    /// The secret is an HMAC of it.
    package let nonce: String
    /// nil: the first code has not been typed yet.
    package let confirmedAtMs: Int64?
    package let recoveryCodesLeft: Int
}

/// The second factor of an account (RFC 6238) and its recovery codes. Codes are checked by the caller, who knows the
/// secret; here each holds once.
extension ReadSession {
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
    /// Begins a set-up, which counts only when its first code was typed.
    /// - Throws: `StoreError.conflict` where a confirmed one is there.
    package func beginSecondFactor(of account: AccountID, nonce: String) throws {
        guard
            try run(
                "UPDATE account SET totp_nonce = ? WHERE id = ? AND totp_confirmed_at_ms IS NULL", [nonce, account])
                > 0
        else { throw StoreError.conflict("a second factor is set up already") }
    }

    /// - Parameter recoveryCodes: their hashes.
    package func confirmSecondFactor(
        of account: Account, step: Int64, recoveryCodes: [String], now: Int64
    ) throws {
        guard
            try run(
                """
                UPDATE account SET totp_confirmed_at_ms = ?, totp_step = ?
                WHERE id = ? AND totp_confirmed_at_ms IS NULL AND totp_nonce IS NOT NULL
                """, [now, step, account.id]) > 0
        else { throw StoreError.conflict("a second factor is set up already") }
        for hash in recoveryCodes {
            try run("INSERT INTO recovery_code (account_id, hash) VALUES (?, ?)", [account.id, hash])
        }
        try audit(.secondFactorSet, "user \(account.login)", now: now)
    }

    package func removeSecondFactor(of account: Account, now: Int64) throws {
        try run(
            """
            UPDATE account SET totp_nonce = NULL, totp_confirmed_at_ms = NULL, totp_step = 0 WHERE id = ?
            """, [account.id])
        try run("DELETE FROM recovery_code WHERE account_id = ?", [account.id])
        try audit(.secondFactorRemoved, "user \(account.login)", now: now)
    }

    /// Takes a code's time step, once.
    /// - Returns: false when that step or a later one was used already.
    package func useSecondFactor(of account: AccountID, step: Int64) throws -> Bool {
        try run("UPDATE account SET totp_step = ? WHERE id = ? AND totp_step < ?", [step, account, step]) > 0
    }

    package func useRecoveryCode(_ hash: String, of account: AccountID, now: Int64) throws -> Bool {
        try run(
            """
            UPDATE recovery_code SET used_at_ms = ? WHERE account_id = ? AND hash = ? AND used_at_ms IS NULL
            """, [now, account, hash]) > 0
    }
}
