import TFSystem

/// The settings as an operator may see them in a browser.
extension Settings {
    /// Every setting in force with its value; nil: it is off, or none is named. Passwords in addresses are left out.
    package var shown: [(key: SettingKey, value: String?)] { SettingKey.allCases.map { ($0, value(of: $0)) } }

    private func value(of key: SettingKey) -> String? {
        switch key {
        case .data: data
        case .definitions: definitions
        case .storeURL: storeURL.map(DatabaseAddress.withoutPassword)
        case .masterKeyFile: storeURL.map { _ in masterKeyFile }
        case .redisURL: redis.map(\.description).joined(separator: " ")
        case .httpBind: "\(host):\(port)"
        case .baseURL: baseURL
        case .httpAllow: Self.list(httpAllow.map(\.text))
        case .metricsBind, .webMetricsBind: metricsAddress(key).map { "\($0.host):\($0.port)" }
        case .tlsCertificate: tls?.certificate
        case .tlsKey: tls?.key
        case .proxyTrusted: Self.list(trustedProxies.map(\.text))
        case .audiences: Self.list(audiences)
        case .sendmail: sendmail
        case .totpRequired: requiresSecondFactor ? "admin" : nil
        case .retentionTickets: retention.tickets.map(Self.days)
        case .retentionWorkflows: retention.workflows.map(Self.days)
        case .retentionNotifications: retention.notifications.map(Self.days)
        case .retentionSessions: retention.sessions.map(Self.days)
        case .retentionAudit: retention.audit.map(Self.days)
        case .upgradeBackups: "\(upgradeBackups) \(upgradeBackups == 1 ? "copy" : "copies")"
        case .logLevel: logLevel.rawValue
        case .logFormat: logFormat.rawValue
        }
    }

    private static func days(_ number: Int) -> String { "\(number) \(number == 1 ? "day" : "days")" }

    private static func list(_ values: [String]) -> String? {
        values.isEmpty ? nil : values.joined(separator: ", ")
    }
}
