import TFEngine

/// Which kinds of notifications a person wants.
extension ReadSession {
    /// The kinds that an account has switched off.
    package func noticesOff(of account: AccountID) throws -> Set<NoticeKind> {
        try Set(
            all(String.self, "SELECT kind FROM notice_setting WHERE account_id = ? AND is_told = 0", [account])
                .map { try Column.word($0) })
    }
}

extension WriteSession {
    /// Switches the kinds of an account's notifications on and off. What was told before stays.
    package func setNotices(_ wanted: Set<NoticeKind>, of account: AccountID) throws {
        for kind in NoticeKind.allCases {
            try run(
                """
                INSERT INTO notice_setting (account_id, kind, is_told) VALUES (?, ?, ?)
                ON CONFLICT (account_id, kind) DO UPDATE SET is_told = excluded.is_told
                """, [account, kind.rawValue, wanted.contains(kind)])
        }
    }
}
