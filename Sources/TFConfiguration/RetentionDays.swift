/// How many days what is old is kept: the settings `retention.*`.
package struct RetentionDays: Sendable, Hashable {
    private static let longest = 36_500

    /// nil: for ever.
    package let tickets: Int?
    package let workflows: Int?
    package let notifications: Int?
    package let sessions: Int?
    package let audit: Int?

    /// - Parameter text: the text of a setting; nil: it is not given.
    /// - Throws: `SettingsError`.
    init(_ text: (SettingKey) throws -> String?) throws {
        func days(_ key: SettingKey, least: Int, byDefault: Int?) throws -> Int? {
            guard let text = try text(key) else { return byDefault }
            guard text != "off" else { return nil }
            guard let number = Int(text), (least...Self.longest).contains(number) else {
                throw Settings.refusal(key, "cannot be \"\(text)\"; write off, or \(least) to \(Self.longest) days")
            }
            return number
        }
        // A ticket can be reopened for 14 days after its end.
        tickets = try days(.retentionTickets, least: 30, byDefault: nil)
        workflows = try days(.retentionWorkflows, least: 1, byDefault: 90)
        notifications = try days(.retentionNotifications, least: 1, byDefault: 90)
        // A session lives for 30 days without a refresh.
        sessions = try days(.retentionSessions, least: 31, byDefault: 60)
        audit = try days(.retentionAudit, least: 30, byDefault: 1_095)
    }
}
