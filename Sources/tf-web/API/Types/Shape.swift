import TFDefinition
import TFExpression

/// What a JSON value of the API is. It reads requests strictly and writes itself as JSON Schema, so that the document
/// and the server cannot say different things. Source: JSON Schema 2020-12.
indirect enum Shape: Sendable {
    case any
    case text(TextRule)
    case integer(ClosedRange<Int64>)
    case flag
    case choice([String])
    case list(Shape, most: Int?)
    /// Members by name and no others.
    case object([Member])
    /// Members by name, and any others of one shape.
    case open([Member], others: Shape)
    /// Any members; the values are of one shape.
    case map(Shape)
    case orNull(Shape)
    /// Either of some.
    case either([Shape])
    /// Stands once among the document's components.
    case named(String, Shape)

    struct TextRule: Sendable {
        var shortest = 0
        /// nil: only answers have such texts.
        var limit: TextLimit?
        /// `date-time`, or none.
        var format: String?
        var pattern: String?
        /// Whether space around the text belongs to it, wherever it is typed.
        var isVerbatim = false
    }

    struct Member: Sendable {
        let name: String
        let shape: Shape
        let isRequired: Bool
        let help: String?
    }

    /// A word of a vocabulary of ours.
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
