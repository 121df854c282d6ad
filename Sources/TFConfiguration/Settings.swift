import Configuration
import Foundation
import Logging
import TFExpression
import TFQueue
import TFSystem

/// What is wrong with the settings, and what to do.
package struct SettingsError: Error, CustomStringConvertible {
    package let description: String
    /// The setting whose value is refused, and why; nil: it is about something else.
    private let refusal: (key: SettingKey, reason: String)?

    package init(description: String) {
        self.description = description
        refusal = nil
    }

    /// The value of a setting is refused.
    /// - Parameter origin: where it was given.
    init(_ key: SettingKey, _ reason: String, givenIn origin: String) {
        description = "the setting \(key.rawValue) (\(origin)) \(reason)\n\(key.rawValue): \(key.help)"
        refusal = (key, reason)
    }

    /// The same with the place at which the value was given.
    func told(with origins: SettingOrigins) -> SettingsError {
        refusal.map { SettingsError($0.key, $0.reason, givenIn: origins.name(of: $0.key)) } ?? self
    }
}

/// The settings of both programs, checked.
package struct Settings: Sendable {
    package let data: String
    package let definitions: String
    /// The address of the PostgreSQL that keeps the record; nil: a SQLite file in the data directory does.
    package let storeURL: String?
    /// The file of the key that seals the site's keys in PostgreSQL.
    package let masterKeyFile: String
    /// The servers that hold the queues, at least one.
    package let redis: [RedisAddress]
    /// Whether the daemon runs the one server itself.
    package let runsRedis: Bool
    /// Where tf-web listens.
    package let host: String
    package let port: Int
    /// The public address, without a slash at its end.
    package let baseURL: String
    /// Addresses and networks that workflows may call besides public ones.
    package let httpAllow: [AddressRange]
    /// Where the daemon's figures are served; nil: nowhere.
    package let metricsAddress: (host: String, port: Int)?
    /// Where those of tf-web are served besides its pages' address; nil: nowhere else.
    package let webMetricsAddress: (host: String, port: Int)?
    /// tf-web's own certificate and key; nil: it speaks plain http, alone or behind a proxy.
    package let tls: (certificate: String, key: String)?
    /// Proxies whose `X-Forwarded-For` is believed.
    package let trustedProxies: [AddressRange]
    /// Other servers for which access tokens may be asked.
    package let audiences: [String]
    /// The program that sends mail; nil: none is sent.
    package let sendmail: String?
    /// Whether admins must set up a second factor before they can do anything.
    package let requiresSecondFactor: Bool
    package let retention: RetentionDays
    /// How many copies of the store from before an upgrade are kept; 0: none is made.
    package let upgradeBackups: Int
    package let logLevel: Logger.Level
    package let logFormat: LogFormat
    let origins: SettingOrigins

    /// A setting's name, and where it was given.
    package func place(of key: SettingKey) -> String { "\(key.rawValue) (\(origins.name(of: key)))" }

    /// How the log is written: as text for people, or as JSON objects for programs, a line each.
    package enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }

    /// Where the daemon's own Redis listens.
    package var redisSocket: String { data + "/redis.sock" }

    /// The address for figures that a setting names; nil: it is off.
    package func metricsAddress(_ key: SettingKey) -> (host: String, port: Int)? {
        key == .webMetricsBind ? webMetricsAddress : metricsAddress
    }

    /// Reads arguments, then `TF_*`, then the file, then the defaults.
    /// - Throws: `SettingsError` for an unknown key, or a value that is not allowed.
    package static func read(
        _ options: SettingOptions, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws -> Settings {
        let arguments = InMemoryProvider(name: "arguments", values: options.given.provided)
        try refuseUnknown(environment: environment)
        if let url = options.storeUrl, StoreAddress.hasPassword(url) {
            throw SettingsError(
                .storeURL, "must not hold a password as an option, where every account of the machine could read it",
                givenIn: SettingKey.storeURL.optionName)
        }
        var providers: [any ConfigProvider] = [
            arguments, EnvironmentVariablesProvider(environmentVariables: environment).prefixKeys(with: "tf"),
        ]
        let file = try options.config.map { (path: $0, values: try values(inFile: $0)) }
        if let file { providers.append(InMemoryProvider(name: file.path, values: file.values.provided)) }
        let origins = SettingOrigins(
            options: Set(options.given.keys), environment: environment,
            file: file.map { (path: $0.path, keys: Set($0.values.keys)) })
        do {
            return try Settings(
                ConfigReader(providers: providers), origins, allowsInsecureHTTP: options.insecureHttp)
        } catch let error as SettingsError {
            throw error.told(with: origins)
        }
    }

    private init(_ reader: ConfigReader, _ origins: SettingOrigins, allowsInsecureHTTP: Bool) throws {
        self.origins = origins
        func text(_ key: SettingKey) throws -> String? {
            let value = reader.string(forKey: ConfigKey(key.rawValue))
            guard value?.isEmpty != true else { throw Self.refusal(key, "is empty") }
            return value
        }
        data = Self.absolute(try text(.data) ?? "var")
        definitions = try text(.definitions) ?? "workflows"
        storeURL = try text(.storeURL).map(StoreAddress.checked)
        masterKeyFile = Self.absolute(try text(.masterKeyFile) ?? data + "/keys/master.key")
        let redisURL = try text(.redisURL)
        runsRedis = redisURL == nil
        redis = try redisURL.map(Self.redis) ?? [.unix(path: data + "/redis.sock")]
        (host, port) = try Self.address(try text(.httpBind) ?? "127.0.0.1:8080", .httpBind)
        metricsAddress = try text(.metricsBind).map { try Self.address($0, .metricsBind) }
        webMetricsAddress = try text(.webMetricsBind).map { try Self.address($0, .webMetricsBind) }
        baseURL = try Self.baseURL(
            try text(.baseURL) ?? "http://localhost:\(port)", allowsInsecureHTTP: allowsInsecureHTTP)
        func list(_ key: SettingKey) throws -> [String] { try text(key).map { try Self.entries(of: $0, key) } ?? [] }
        func ranges(_ key: SettingKey) throws -> [AddressRange] {
            try list(key).map { entry in
                guard let range = AddressRange(entry) else { throw Self.refusal(key, "cannot hold \"\(entry)\"") }
                return range
            }
        }
        httpAllow = try ranges(.httpAllow)
        trustedProxies = try ranges(.proxyTrusted)
        audiences = try list(.audiences)
        sendmail = try text(.sendmail).map(Self.wholePath)
        let required = try text(.totpRequired) ?? "none"
        guard ["none", "admin"].contains(required) else {
            throw Self.refusal(.totpRequired, "cannot be \"\(required)\"; write admin or none")
        }
        requiresSecondFactor = required == "admin"
        tls = try Self.tls(try text(.tlsCertificate), try text(.tlsKey), baseURL)
        retention = try RetentionDays(text)
        upgradeBackups = try Self.number(try text(.upgradeBackups) ?? "2", .upgradeBackups, in: 0...100)
        try Self.refuseSame(
            [(.httpBind, (host, port)), (.metricsBind, metricsAddress), (.webMetricsBind, webMetricsAddress)])
        let level = try text(.logLevel) ?? "info"
        guard let logLevel = Logger.Level(rawValue: level) else {
            throw Self.refusal(.logLevel, "cannot be \"\(level)\"")
        }
        self.logLevel = logLevel
        let format = try text(.logFormat) ?? LogFormat.usual.rawValue
        guard let logFormat = LogFormat(rawValue: format) else {
            throw Self.refusal(.logFormat, "cannot be \"\(format)\"")
        }
        self.logFormat = logFormat
        guard !runsRedis || redisSocket.utf8.count <= RedisAddress.longestSocketPath else {
            throw Self.refusal(
                .data,
                "is too long a path: with \"/redis.sock\" behind it, it has at most "
                    + "\(RedisAddress.longestSocketPath) bytes; choose a shorter one")
        }
    }

    private static func tls(
        _ certificate: String?, _ key: String?, _ baseURL: String
    ) throws -> (certificate: String, key: String)? {
        guard let certificate, let key else {
            guard certificate == nil, key == nil else {
                let missing: SettingKey = certificate == nil ? .tlsCertificate : .tlsKey
                throw refusal(missing, "is missing: a certificate and its key belong together")
            }
            return nil
        }
        guard baseURL.hasPrefix("https:") else {
            throw refusal(.baseURL, "must begin with https: where tls.cert is set")
        }
        for (setting, path) in [(SettingKey.tlsCertificate, certificate), (.tlsKey, key)]
        where !FileManager.default.isReadableFile(atPath: path) {
            throw refusal(setting, "cannot be read: \(path)")
        }
        guard try PrivateFile.isPrivate(key) else {
            throw refusal(.tlsKey, "can be read by others; run: chmod 600 \(key)")
        }
        return (certificate, key)
    }

    /// How the names begin that Terraform and TensorFlow use, and our own tests.
    private static let foreign = ["TF_CLI_", "TF_CPP_", "TF_TEST_", "TF_TOKEN_", "TF_VAR_"]

    /// Refuses a variable that is none of ours, such as a mistyped one.
    private static func refuseUnknown(environment: [String: String]) throws {
        let known = SettingKey.allCases.map(\.environmentName)
        for name in environment.keys.sorted()
        where name.hasPrefix("TF_") && !known.contains(name) && !foreign.contains(where: name.hasPrefix) {
            let nearest = nearestName(to: name, among: known)
            let remedy =
                nearest.map { "did you mean \"\($0)\"?" } ?? "take it out, or see --help for those that are known"
            throw SettingsError(description: "unknown setting \(name) in the environment; \(remedy)")
        }
    }

    /// The settings of a JSON file: nested objects or dotted names.
    private static func values(inFile path: String) throws -> [SettingKey: String] {
        let bytes: [UInt8]
        do throws(FileFailure) { bytes = try RawBytes.file(path) } catch {
            throw SettingsError(description: "the settings of --config are not there: \(error)")
        }
        var values: [SettingKey: String] = [:]
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw SettingsError(description: "\(path) is \(error)")
        }
        guard json.objectValue != nil else {
            throw SettingsError(
                description: "\(path) must hold one JSON object of settings, such as {\"data\": \"var\"}")
        }
        for (name, value) in flatten(json, prefix: "") {
            guard let key = SettingKey(rawValue: name) else {
                if let group = Self.members(ofGroup: name) {
                    throw SettingsError(
                        description: "\"\(name)\" in \(path) is a group of settings, not one; write an object with "
                            + "\(group.joined(separator: ", ")) in its place")
                }
                let nearest = nearestName(to: name, among: SettingKey.allCases.map(\.rawValue))
                let hint = nearest.map { "; did you mean \"\($0)\"?" } ?? ""
                throw SettingsError(description: "unknown setting \"\(name)\" in \(path)\(hint)")
            }
            guard let text = key.text(of: value) else {
                throw SettingsError(
                    description: "\"\(name)\" in \(path) cannot be \(value.text.onOneLine); write a text in quotes")
            }
            values[key] = text
        }
        return values
    }

    /// A setting of a file in which others may be wrong; nil: it does not stand there, or the file cannot be read.
    static func text(of key: SettingKey, inFile path: String) -> String? {
        // Whoever reads all of the file says what is wrong with it.
        guard let bytes = try? RawBytes.file(path), let json = try? JSON(parsing: bytes) else { return nil }
        return flatten(json, prefix: "").first { $0.0 == key.rawValue }.flatMap { key.text(of: $0.1) }
    }

    /// The names of the settings in a group, without that of the group; nil: there is no such group.
    private static func members(ofGroup name: String) -> [String]? {
        let members = SettingKey.allCases.map(\.rawValue).filter { $0.hasPrefix(name + ".") }
        return members.isEmpty ? nil : members.map { String($0.dropFirst(name.count + 1)) }
    }

    private static func flatten(_ json: JSON, prefix: String) -> [(String, JSON)] {
        guard let members = json.objectValue else { return [(prefix, json)] }
        return members.flatMap { flatten($0.value, prefix: prefix.isEmpty ? $0.key : "\(prefix).\($0.key)") }
    }

    /// A whole number in a range.
    static func number(_ text: String, _ key: SettingKey, in range: ClosedRange<Int>) throws -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw refusal(
                key, "cannot be \"\(text)\"; write a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }

    /// That a setting's value cannot be used. `read` adds where it was given.
    static func refusal(_ key: SettingKey, _ reason: String) -> SettingsError {
        SettingsError(key, reason, givenIn: key.environmentName)
    }
}

extension [SettingKey: String] {
    /// As a provider of the configuration library takes them.
    fileprivate var provided: [AbsoluteConfigKey: ConfigValue] {
        [AbsoluteConfigKey: ConfigValue](
            uniqueKeysWithValues: map { key, value in
                (AbsoluteConfigKey(ConfigKey(key.rawValue)), ConfigValue(.string(value), isSecret: false))
            })
    }
}
