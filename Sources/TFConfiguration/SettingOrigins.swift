/// Where the values of settings were given: as options, in the environment, or in the file.
struct SettingOrigins: Sendable {
    private let names: [SettingKey: String]

    /// - Parameters:
    ///   - options: the settings that were given as options.
    ///   - environment: all variables.
    ///   - file: the path of the file with settings, and those in it; nil: there is none.
    init(options: Set<SettingKey>, environment: [String: String], file: (path: String, keys: Set<SettingKey>)?) {
        names = SettingKey.allCases.reduce(into: [:]) { names, key in
            if options.contains(key) {
                names[key] = key.optionName
            } else if environment[key.environmentName] != nil {
                names[key] = key.environmentName
            } else if let file, file.keys.contains(key) {
                names[key] = "in \(file.path)"
            }
        }
    }

    /// The option or the variable that gave the setting, or the file in which it stands; the variable if nothing gives
    /// it.
    func name(of key: SettingKey) -> String { names[key] ?? key.environmentName }
}
