import TFDefinition
import TFExpression

/// The type of a JSON value in the API. Requests are validated by it and the JSON Schema is generated from it, so that
/// document and server cannot disagree. Source: JSON Schema 2020-12.
indirect enum Shape: Sendable {
    case any
    case text(TextRule)
    case integer(ClosedRange<Int64>)
    case flag
    case choice([String])
    case list(Shape, most: Int?)
    /// An object with these members and no others.
    case object([Member])
    /// An object with these members, and any others of one shape.
    case open([Member], others: Shape)
    /// An object with any members, whose values have one shape.
    case map(Shape)
    case orNull(Shape)
    /// One of several shapes.
    case either([Shape])
    /// A shape described once, among the document's components.
    case named(String, Shape)

    struct TextRule: Sendable {
        var shortest = 0
        /// nil if only answers have such texts.
        var limit: TextLimit?
        /// The JSON Schema format, such as `date-time`; nil for none.
        var format: String?
        var pattern: String?
        /// What it has to be beyond that, which the API's document cannot say; nil: nothing.
        var content: Content?
        /// Whether white space around the text is kept.
        var isVerbatim = false
    }

    /// What a text has to be.
    enum Content: Sendable {
        case address
        case timezone
    }

    struct Member: Sendable {
        let name: String
        let shape: Shape
        let isRequired: Bool
        let help: String?
    }

    /// One of an enum's raw values.
    static func words<Word: CaseIterable & RawRepresentable<String>>(_ vocabulary: Word.Type) -> Shape {
        .choice(vocabulary.allCases.map(\.rawValue))
    }

    static let text = Shape.text(TextRule())
    static let time = Shape.text(TextRule(format: "date-time"))
    static let id = Shape.integer(1...Int64.max)
    static let count = Shape.integer(0...Int64.max)
    static let slug = Shape.text(
        TextRule(shortest: 1, limit: .identifier, pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"))
    static let login = Shape.text(
        TextRule(shortest: 1, limit: .identifier, pattern: "^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$"))

    static func text(_ shortest: Int = 0, _ longest: Int) -> Shape {
        .text(TextRule(shortest: shortest, limit: TextLimit(characters: longest)))
    }

    static func text(_ shortest: Int = 0, _ limit: TextLimit) -> Shape {
        .text(TextRule(shortest: shortest, limit: limit))
    }

    /// `{items, next}`.
    static func page(of item: Shape) -> Shape {
        .object([
            .required("items", .list(item, most: nil)),
            .required("next", .orNull(.text), "What to send as `after` for the next page; null: this is the last."),
        ])
    }
}

extension Shape.Member {
    static func required(_ name: String, _ shape: Shape, _ help: String? = nil) -> Shape.Member {
        Shape.Member(name: name, shape: shape, isRequired: true, help: help)
    }

    static func optional(_ name: String, _ shape: Shape, _ help: String? = nil) -> Shape.Member {
        Shape.Member(name: name, shape: shape, isRequired: false, help: help)
    }
}
