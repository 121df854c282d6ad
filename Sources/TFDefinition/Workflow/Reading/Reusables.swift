import TFExpression

/// `use`: parts to which steps refer by name. Each is read where it is first used, so that its mistakes are told once.
struct Reusables {
    var errors: [String: YAMLNode] = [:]
    var retries: [String: YAMLNode] = [:]
    var timeouts: [String: YAMLNode] = [:]
    var authentications: [String: YAMLNode] = [:]
    var functions: [String] = []
    /// The parts of `use` that could not be read, because their key is misspelt.
    private var misspelt: Set<String> = []

    static let keys = KeyTable(
        "\"use\"",
        [
            Key("authentications", .byName(.mapping(Authentication.keys)), "Policies by name."),
            Key("errors", .byName(.mapping(RaisedError.keys)), "Errors by name."),
            Key("functions", .byName(StepReader.stepShape), "Tasks that call runs, by name."),
            Key("retries", .byName(.mapping(TryCatch.retryKeys)), "Retry policies by name."),
            Key("secrets", .list(.text), "Names of the company's secrets."),
            Key("timeouts", .byName(.mapping(StepReader.timeoutKeys)), "Timeouts by name."),
        ])
    private static let refused = [
        "extensions": "extensions are not in the profile", "catalogs": "remote catalogs are not in the profile",
    ]

    /// Reads `use`. The functions' bodies are returned unread, since functions may call each other.
    init(
        _ fields: Fields, functions bodies: inout [YAMLNode.Entry], _ reader: inout DefinitionReader
    ) {
        if fields.isMisspelt(["use"]) { misspelt = Set(Self.keys.names) }
        guard let node = fields.value("use"),
            let use = Fields(node, Self.keys, besides: Array(Self.refused.keys), &reader.diagnostics)
        else { return }
        misspelt = Set(Self.keys.names.filter { use.isMisspelt([$0]) })
        for (key, reason) in Self.refused where use.has(key) {
            reader.diagnostics.error(reason, at: use.keyPosition(key))
        }
        if let names = use.list("secrets", &reader.diagnostics) {
            for name in names {
                guard case .scalar(let text, _) = name.content, Slug.isWord(text) else {
                    reader.diagnostics.error(
                        "a secret's name is letters, digits, - and _, not \(name.kindDescription)", at: name.position)
                    continue
                }
                reader.secrets.append(text)
            }
        }
        errors = Self.members("errors", use, &reader)
        retries = Self.members("retries", use, &reader)
        timeouts = Self.members("timeouts", use, &reader)
        authentications = Self.members("authentications", use, &reader)
        reader.authentications = authentications
        if let node = use.value("functions") {
            if case .mapping(let entries) = node.content {
                bodies = entries
            } else {
                reader.diagnostics.error(
                    "\"functions\" must be a mapping, not \(node.kindDescription)", at: node.position)
            }
        }
        functions = bodies.map(\.key)
        checkUnused(&reader)
    }

    /// Reads parts that nothing uses, so that their mistakes are told.
    private func checkUnused(_ reader: inout DefinitionReader) {
        reader.with(["error", "secrets"]) { reader in
            for node in errors.values { _ = RaisedError.read(node, &reader) }
            for node in retries.values { _ = TryCatch.policy(node, &reader) }
            for node in timeouts.values { _ = StepReader.timeout(node, &reader) }
            for node in authentications.values { _ = Authentication.read(node, &reader) }
        }
    }

    private static func members(
        _ key: String, _ use: Fields, _ reader: inout DefinitionReader
    ) -> [String: YAMLNode] {
        guard let node = use.value(key) else { return [:] }
        guard case .mapping(let entries) = node.content else {
            reader.diagnostics.error("\"\(key)\" must be a mapping, not \(node.kindDescription)", at: node.position)
            return [:]
        }
        return Dictionary(entries.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    func refuse(_ name: String, _ key: String, at position: Position, _ reader: inout DefinitionReader) {
        if misspelt.contains(key) { return }
        let known = key == "errors" ? errors : key == "retries" ? retries : timeouts
        reader.diagnostics.error(
            "there is no \"\(name)\" in \"use.\(key)\"", at: position,
            suggestion: nearestName(to: name, among: known.keys.sorted()))
    }
}
