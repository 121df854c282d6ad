import TFEngine

/// How a person wants to be told of each kind of notification.
package struct NoticeSettings: Sendable, Hashable {
    /// In the application.
    package var told: Set<NoticeKind>
    /// By mail as well.
    package var mailed: Set<NoticeKind>

    package init(told: Set<NoticeKind>, mailed: Set<NoticeKind>) {
        self.told = told
        self.mailed = mailed
    }
}

extension ReadSession {
    /// An account's settings; what was never set is told in the application alone.
    package func noticeSettings(of account: AccountID) throws -> NoticeSettings {
        let rows = try all(
            Row.self, "SELECT kind, is_told, is_mailed FROM notice_setting WHERE account_id = ?", [account])
        return try rows.reduce(into: NoticeSettings(told: Set(NoticeKind.allCases), mailed: [])) { settings, row in
            let kind: NoticeKind = try Column.word(row["kind"])
            if !(row["is_told"] as Bool) { settings.told.remove(kind) }
            if row["is_mailed"] as Bool { settings.mailed.insert(kind) }
        }
    }
}

extension WriteSession {
    /// Sets how an account is told from now on. What was told before stays.
    package func setNotices(_ settings: NoticeSettings, of account: AccountID) throws {
        for kind in NoticeKind.allCases {
            let isTold = settings.told.contains(kind)
            try run(
                """
                INSERT INTO notice_setting (account_id, kind, is_told, is_mailed) VALUES (?, ?, ?, ?)
                ON CONFLICT (account_id, kind) DO UPDATE SET is_told = excluded.is_told, is_mailed = excluded.is_mailed
                """, [account, kind.rawValue, isTold, isTold && settings.mailed.contains(kind)])
        }
    }
}
