import ArgumentParser

/// The settings as options of a command. A setting without its option comes from the environment, the file or the
/// default.
package struct SettingOptions: ParsableArguments, Sendable {
    @Option(help: "A JSON file with settings, such as etc/ticketflower.json.")
    package var config: String?

    @Option(help: ArgumentHelp(SettingKey.data.help))
    package var data: String?

    @Option(help: ArgumentHelp(SettingKey.definitions.help))
    package var definitions: String?

    @Option(help: ArgumentHelp(SettingKey.storeURL.help))
    package var storeUrl: String?

    @Option(help: ArgumentHelp(SettingKey.masterKeyFile.help))
    package var masterKeyFile: String?

    @Option(help: ArgumentHelp(SettingKey.redisURL.help))
    package var redisUrl: String?

    @Option(help: ArgumentHelp(SettingKey.httpBind.help))
    package var httpBind: String?

    @Option(help: ArgumentHelp(SettingKey.baseURL.help))
    package var baseUrl: String?

    @Option(help: ArgumentHelp(SettingKey.httpAllow.help))
    package var httpAllow: String?

    @Option(help: ArgumentHelp(SettingKey.metricsBind.help))
    package var metricsBind: String?

    @Option(help: ArgumentHelp(SettingKey.webMetricsBind.help))
    package var webMetricsBind: String?

    @Option(help: ArgumentHelp(SettingKey.tlsCertificate.help))
    package var tlsCert: String?

    @Option(help: ArgumentHelp(SettingKey.tlsKey.help))
    package var tlsKey: String?

    @Option(help: ArgumentHelp(SettingKey.proxyTrusted.help))
    package var proxyTrusted: String?

    @Option(help: ArgumentHelp(SettingKey.audiences.help))
    package var audiences: String?

    @Option(help: ArgumentHelp(SettingKey.sendmail.help))
    package var mailSendmail: String?

    @Option(help: ArgumentHelp(SettingKey.totpRequired.help))
    package var totpRequired: String?

    @Option(help: ArgumentHelp(SettingKey.retentionTickets.help))
    package var retentionTickets: String?

    @Option(help: ArgumentHelp(SettingKey.retentionWorkflows.help))
    package var retentionWorkflows: String?

    @Option(help: ArgumentHelp(SettingKey.retentionNotifications.help))
    package var retentionNotifications: String?

    @Option(help: ArgumentHelp(SettingKey.retentionSessions.help))
    package var retentionSessions: String?

    @Option(help: ArgumentHelp(SettingKey.retentionAudit.help))
    package var retentionAudit: String?

    @Option(help: ArgumentHelp(SettingKey.upgradeBackups.help))
    package var upgradeBackups: String?

    @Option(help: ArgumentHelp(SettingKey.logLevel.help))
    package var logLevel: String?

    @Option(help: ArgumentHelp(SettingKey.logFormat.help))
    package var logFormat: String?

    @Flag(help: "Allow a base URL of plain http that is not loopback. Passwords then cross the network readable.")
    package var insecureHttp = false

    package init() {}

    /// The options that were given, by key.
    var given: [SettingKey: String] {
        let options: [(SettingKey, String?)] = [
            (.data, data), (.definitions, definitions), (.storeURL, storeUrl),
            (.masterKeyFile, masterKeyFile), (.redisURL, redisUrl), (.httpBind, httpBind), (.baseURL, baseUrl),
            (.httpAllow, httpAllow), (.metricsBind, metricsBind),
            (.webMetricsBind, webMetricsBind), (.tlsCertificate, tlsCert),
            (.tlsKey, tlsKey), (.proxyTrusted, proxyTrusted), (.audiences, audiences), (.sendmail, mailSendmail),
            (.totpRequired, totpRequired), (.retentionTickets, retentionTickets),
            (.retentionWorkflows, retentionWorkflows), (.retentionNotifications, retentionNotifications),
            (.retentionSessions, retentionSessions), (.retentionAudit, retentionAudit),
            (.upgradeBackups, upgradeBackups), (.logLevel, logLevel), (.logFormat, logFormat),
        ]
        return options.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
}
