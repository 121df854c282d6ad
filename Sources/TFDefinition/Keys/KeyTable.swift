import TFExpression

/// What a value in a definition file may look like: the checker's view and the editors' (`tf-daemon schema`).
indirect enum Shape: Sendable {
    /// Any scalar, taken as it is written.
    case text
    /// Text in which every `${ }` is computed.
    case template
    /// A jq expression, with or without `${ }` around it.
    case expression
    /// Text, or one whole `${ }`.
    case textOrExpression
    /// One whole `${ }`.
    case wrapped
    /// Text of a form, with examples.
    case pattern(String, examples: [String])
    case flag
    case number
    /// A whole number from 0.
    case count
    /// `30m`, `4h`, `2d`, or ISO 8601.
    case duration
    case choice([String])
    case list(Shape)
    /// A list of texts, or one text with commas between.
    case texts
    case mapping(KeyTable)
    /// A mapping with keys of one's own besides.
    case open(KeyTable)
    /// A mapping of names of one's own.
    case byName(Shape)
    /// A step: which keys it has depends on what it does.
    case step([(kind: String, title: String, keys: [Key])])
    /// A list of `name: value` entries, one name each.
    case namedEntries(Shape)
    case either([Shape])
    /// Described once and referred to by its name, so that it may hold itself.
    case named(String, @Sendable () -> Shape)
    /// A body element: which keys it has depends on its `type`.
    case element
    case any
}

/// One key of a mapping.
struct Key: Sendable {
    let name: String
    let shape: Shape
    /// What it is for, as an editor shows it beside the key.
    let summary: String
    let isRequired: Bool
    /// What holds without it, as editors show it.
    let standard: JSON?
    let examples: [JSON]
    /// Read for the sake of files from elsewhere, told with a warning, and without effect.
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

    /// - Parameter origin: whose key it is: "GitHub".
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
    /// What the mapping is, for messages: "an element", "the task".
    let what: String
    let keys: [Key]
    /// Keys that belong elsewhere, with the place.
    private let elsewhere: [String: String]

    /// - Parameter elsewhere: what is easily written here by mistake: `label` beside `attributes`.
    init(_ what: String, _ keys: [Key], elsewhere: [String: String] = [:]) {
        self.what = what
        self.keys = keys
        self.elsewhere = elsewhere
    }

    /// The key of this table in which an unknown key belongs.
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
