import TFExpression

/// The shape of a value in a definition file, for the checker and for editors (`tf-daemon schema`).
indirect enum Shape: Sendable {
    /// Any scalar, read as text as it is written.
    case text
    /// Text in which every `${ }` is computed.
    case template
    /// A jq expression, with or without `${ }` around it.
    case expression
    /// Text, or one whole `${ }`.
    case textOrExpression
    /// One whole `${ }`.
    case wrapped
    /// Text that matches a pattern, with examples.
    case pattern(String, examples: [String])
    case flag
    case number
    /// A whole number from 0.
    case count
    /// `30m`, `4h`, `2d`, or ISO 8601.
    case duration
    case choice([String])
    case list(Shape)
    /// A list of texts, or one text with commas in it.
    case texts
    case mapping(KeyTable)
    /// A mapping that may have other keys besides.
    case open(KeyTable)
    /// A mapping with free names.
    case byName(Shape)
    /// A step, whose keys depend on its kind.
    case step([(kind: String, title: String, keys: [Key])])
    /// A list of `name: value` entries, one name each.
    case namedEntries(Shape)
    case either([Shape])
    /// A shape that is described once and referred to by name, so that it may contain itself.
    case named(String, @Sendable () -> Shape)
    /// An element of a form, whose keys depend on its `type`.
    case element
    case any
}

/// One key of a mapping.
struct Key: Sendable {
    let name: String
    let shape: Shape
    /// The description that editors show.
    let summary: String
    let isRequired: Bool
    /// The default, as editors show it.
    let standard: JSON?
    let examples: [JSON]
    /// Whether the key has no effect: it is accepted with a warning, because files from elsewhere have it.
    let isIgnored: Bool

    init(
        _ name: String, _ shape: Shape, _ summary: String, isRequired: Bool = false, standard: JSON? = nil,
        examples: [JSON] = []
    ) {
        self.name = name
        self.shape = shape
        self.summary = summary
        self.isRequired = isRequired
        self.standard = standard
        self.examples = examples
        isIgnored = false
    }

    /// - Parameter origin: where the key comes from, such as "GitHub".
    init(ignored name: String, of origin: String) {
        self.name = name
        shape = .any
        summary = "\(origin)'s; without effect."
        isRequired = false
        standard = nil
        examples = []
        isIgnored = true
    }
}

/// The keys that a mapping may have. The checker refuses every other key; the editors' schema lists these.
struct KeyTable: Sendable {
    /// The mapping in messages, such as "an element" or "the task".
    let what: String
    let keys: [Key]
    /// Keys that belong elsewhere, and where.
    private let elsewhere: [String: String]

    /// - Parameter elsewhere: keys that are easily written here by mistake, such as `label` beside `attributes`.
    init(_ what: String, _ keys: [Key], elsewhere: [String: String] = [:]) {
        self.what = what
        self.keys = keys
        self.elsewhere = elsewhere
    }

    /// The key of this table below which a misplaced key belongs.
    func home(of name: String) -> String? {
        if let home = elsewhere[name] { return home }
        return keys.first { key in
            guard case .mapping(let inner) = key.shape else { return false }
            return inner.names.contains(name)
        }?.name
    }

    var names: [String] { keys.map(\.name) }
}

/// Closed sets of names that stand in files.
extension CaseIterable where Self: RawRepresentable, RawValue == String {
    static var shape: Shape { .choice(allCases.map(\.rawValue)) }
}
