import TFExpression

/// Every setting of the two programs. Options, environment, file, `--help` and checks are all made from this list.
package enum SettingKey: String, Sendable, CaseIterable {
    case data
    case definitions
    case storeURL = "store.url"
    case masterKeyFile = "master.key.file"
    case redisURL = "redis.url"
    case httpBind = "http.bind"
    case baseURL = "base.url"
    case httpAllow = "http.allow"
    case metricsBind = "metrics.bind"
    case webMetricsBind = "web.metrics.bind"
    case tlsCertificate = "tls.cert"
    case tlsKey = "tls.key"
    case proxyTrusted = "proxy.trusted"
    case audiences
    case sendmail = "mail.sendmail"
    case totpRequired = "totp.required"
    case retentionTickets = "retention.tickets"
    case retentionWorkflows = "retention.workflows"
    case retentionNotifications = "retention.notifications"
    case retentionSessions = "retention.sessions"
    case retentionAudit = "retention.audit"
    case upgradeBackups = "upgrade.backups"
    case logLevel = "log.level"
    case logFormat = "log.format"

    /// The setting's meaning, with type, range and default, as `--help` shows it.
    package var help: String {
        switch self {
        case .data:
            "Directory of the store, keys, attachments and Redis socket; made with mode 0700. Default: var"
        case .definitions:
            "Directory of the definitions, with one directory for each company. Default: workflows"
        case .storeURL:
            """
            PostgreSQL 15 or newer that keeps the record instead of a SQLite file: postgresql://[user@]host[,host]/database, \
            as libpq takes it. A password is never an option of a program: it stands in TF_STORE_URL, in the file that \
            PGPASSFILE names, or in a service file. Default: SQLite in <data>/store.db
            """
        case .masterKeyFile:
            """
            With PostgreSQL, the file of the key that seals the site's keys in the store: the same on every host, 32 bytes \
            or their base64, readable by its owner alone. The first program that needs it makes it. Default: \
            <data>/keys/master.key
            """
        case .redisURL:
            """
            Redis: redis://[user:password@]host:port, rediss://… for TLS (…?ca=FILE trusts that file alone), \
            redis+unix:///path, or redis+sentinel://[user:password@]host:26379,host:26379/NAME (rediss+sentinel for TLS; \
            ?sentinel_user=…&sentinel_password=… for the sentinels). Several, separated by spaces, share the companies. \
            Default: tf-daemon runs its own redis-server on <data>/redis.sock
            """
        case .httpBind: "Address and port that tf-web listens on, 1 to 65535. Default: 127.0.0.1:8080"
        case .baseURL:
            """
            The public address, https or a loopback http; decides the cookies' names and which Host is answered. Default: \
            http://localhost:<port of http.bind>
            """
        case .httpAllow:
            """
            Addresses that workflows may call besides public ones, separated by commas: 10.1.2.3, 10.1.0.0/16, ::1. \
            Default: none
            """
        case .metricsBind:
            """
            Address and port of tf-daemon's /metrics (Prometheus text) and /healthz. Beyond loopback it needs a token \
            (`tf-daemon metrics-token set`), which everybody then has to show. Default: off
            """
        case .webMetricsBind:
            """
            Address and port of tf-web's /metrics and /healthz, by the same rule; its pages' address serves them as well. \
            Default: off
            """
        case .tlsCertificate:
            """
            File with tf-web's certificate and the intermediate ones, in PEM: tf-web then speaks https itself, without a \
            proxy. Read at the start. Default: off
            """
        case .tlsKey: "File with the certificate's private key, in PEM, readable by its owner alone. Default: off"
        case .proxyTrusted:
            """
            Addresses of proxies in front of tf-web whose X-Forwarded-For is believed, separated by commas: 10.1.2.3, \
            10.1.0.0/16. Default: none
            """
        case .audiences:
            "Other servers for which access tokens may be asked, separated by commas. Default: none"
        case .sendmail:
            "Whole path of the program that sends mail, such as /usr/sbin/sendmail; it is called with -i -t. Default: off"
        case .totpRequired:
            "Who must have a second factor to do anything: admin or none. Default: none"
        case .retentionTickets:
            """
            Days after which tickets that were closed or cancelled are deleted, with history, tasks, answers, comments \
            and files: off, or 30 to 36500. Default: off
            """
        case .retentionWorkflows:
            """
            Days after which workflows without a ticket are deleted that ended, failed or were set aside: off, or 1 to \
            36500. Default: 90
            """
        case .retentionNotifications:
            "Days after which notifications are deleted, read or not: off, or 1 to 36500. Default: 90"
        case .retentionSessions:
            """
            Days after their end after which sessions, and keys of programs that were revoked, are deleted: off, or 31 to \
            36500. Default: 60
            """
        case .retentionAudit:
            "Days after which entries of the audit log are deleted: off, or 30 to 36500. Default: 1095"
        case .upgradeBackups:
            """
            How many copies of the store, each from before an upgrade of its schema, are kept in <data>/upgrades: 0 to \
            100; 0: none is made. Default: 2
            """
        case .logLevel: "trace, debug, info, notice, warning, error or critical. Default: info"
        case .logFormat: "text or json. Default: text on a terminal, else json"
        }
    }

    /// The text of a value in a settings file; nil if the value is of another kind than the setting. A number of days or
    /// copies may be written as a number.
    func text(of value: JSON) -> String? {
        if case .string(let text) = value { return text }
        guard isNumber, value.intValue != nil else { return nil }
        return value.text
    }

    private var isNumber: Bool {
        switch self {
        case .retentionTickets, .retentionWorkflows, .retentionNotifications, .retentionSessions, .retentionAudit,
            .upgradeBackups:
            true
        case .data, .definitions, .storeURL, .masterKeyFile, .redisURL, .httpBind, .baseURL, .httpAllow, .metricsBind,
            .webMetricsBind, .tlsCertificate, .tlsKey, .proxyTrusted, .audiences, .sendmail, .totpRequired, .logLevel,
            .logFormat:
            false
        }
    }

    /// The name of the option, such as `--redis-url` for `redis.url`.
    package var optionName: String { "--" + rawValue.replacing(".", with: "-") }

    /// The name of the environment variable, such as `TF_REDIS_URL` for `redis.url`.
    package var environmentName: String { "TF_" + rawValue.replacing(".", with: "_").uppercased() }
}
