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
    /// Read for the sake of files from elsewhere, told with a warning, and without effect.
    let isIgnored: Bool

    init(_ name: String, _ shape: Shape, _ summary: String, isRequired: Bool = false) {
        self.name = name
        self.shape = shape
        self.summary = summary
        self.isRequired = isRequired
        isIgnored = false
    }

    /// - Parameter origin: whose key it is: "GitHub".
    init(ignored name: String, of origin: String) {
        self.name = name
        shape = .any
        summary = "\(origin)'s; without effect."
        isRequired = false
        isIgnored = true
    }
}

/// The keys that a mapping may have. The checker refuses every other key; the editors' schema lists these.
struct KeyTable: Sendable {
    /// What the mapping is, for messages: "an element", "the task".
    let what: String
    let keys: [Key]

    init(_ what: String, _ keys: [Key]) {
        self.what = what
        self.keys = keys
    }

    var names: [String] { keys.map(\.name) }
}

/// Closed sets of names that stand in files.
extension CaseIterable where Self: RawRepresentable, RawValue == String {
    static var shape: Shape { .choice(allCases.map(\.rawValue)) }
}
