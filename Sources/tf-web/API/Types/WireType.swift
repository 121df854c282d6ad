import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// How a Swift value is written in JSON: one declaration for its schema, reading and writing.
struct WireType<Value: Sendable>: Sendable {
    let shape: Shape
    /// nil if only answers have values of this type.
    let reading: Reading?
    let write: @Sendable (Value) -> JSON

    struct Reading: Sendable {
        /// Any value of the type; it stands in for a field's value while declarations are collected.
        let example: Value
        /// Returns nil for JSON that does not have the shape.
        let read: @Sendable (JSON) -> Value?
    }

    /// A type that only answers have.
    init(_ shape: Shape, write: @escaping @Sendable (Value) -> JSON) {
        self.shape = shape
        reading = nil
        self.write = write
    }

    /// A type for requests and answers.
    init(
        _ shape: Shape, example: Value, read: @escaping @Sendable (JSON) -> Value?,
        write: @escaping @Sendable (Value) -> JSON
    ) {
        self.shape = shape
        reading = Reading(example: example, read: read)
        self.write = write
    }
}

extension WireType<JSON> {
    /// Any JSON value.
    static var any: Self { shaped(.any) }

    /// JSON made elsewhere, described by this shape.
    static func shaped(_ shape: Shape) -> Self {
        WireType(shape, example: .null, read: { $0 }, write: { $0 })
    }
}

extension WireType<Bool> {
    static var flag: Self {
        WireType(.flag, example: false, read: \.boolValue, write: { .bool($0) })
    }
}

extension WireType<String> {
    /// A text in an answer, of any length.
    static var text: Self { of(.text) }
    static var slug: Self { of(.slug) }
    static var login: Self { of(.login) }

    static func text(_ shortest: Int = 0, _ longest: Int) -> Self { of(.text(shortest, longest)) }
    static func text(_ shortest: Int = 0, _ limit: TextLimit) -> Self { of(.text(shortest, limit)) }

    /// A day, or a date with a time, in a page's address.
    static var day: Self { of(.text(Shape.TextRule(shortest: 1, limit: TextLimit(characters: 40), format: "date"))) }

    /// One e-mail address.
    static var email: Self { of(.text(Shape.TextRule(shortest: 3, limit: .email, content: .address))) }

    /// The name of a time zone.
    static var timezone: Self { of(.text(Shape.TextRule(shortest: 1, limit: .timezone, content: .timezone))) }

    /// A login, or `-` for nobody, in the query of a list.
    static var loginOrNobody: Self { of(.either([.login, .choice([TaskConditions.nobody])])) }

    /// A login, or `*` for whom the rule chooses, in a page's form.
    static var loginOrRule: Self { of(.either([.login, .choice([BulkOrder.byRule])])) }

    /// A password as typed: white space around it is kept.
    static var password: Self { of(.text(Shape.TextRule(isVerbatim: true))) }

    /// One of these words.
    static func choice(_ words: [String]) -> Self { of(.choice(words)) }

    private static func of(_ shape: Shape) -> Self {
        WireType(shape, example: "", read: \.stringValue, write: { .string($0) })
    }
}

extension WireType where Value: RawRepresentable<String> & CaseIterable {
    /// One of an enum's raw values.
    static var word: Self {
        WireType(
            .words(Value.self), example: Array(Value.allCases)[0],
            read: { $0.stringValue.flatMap(Value.init(rawValue:)) }, write: { .string($0.rawValue) })
    }
}

extension WireType<Int> {
    static var count: Self { of(.count) }
    static var number: Self { of(.id) }

    static func integer(_ range: ClosedRange<Int64>) -> Self { of(.integer(range)) }

    private static func of(_ shape: Shape) -> Self {
        WireType(shape, example: 1, read: \.intValue, write: { .int($0) })
    }
}

extension WireType where Value: RowID {
    static var id: Self {
        WireType(.id, example: Value(1), read: { $0.intValue.map { Value($0) } }, write: { .id($0) })
    }
}

extension WireType<Int64> {
    /// A moment in an answer: milliseconds since 1970 in Swift, RFC 3339 in UTC in JSON.
    static var time: Self {
        WireType(.time, write: { .string(Moment.iso8601($0)) })
    }
}

/// A moment in a request: RFC 3339, or a local date with a time in the company's time zone.
struct WrittenMoment: Sendable, Hashable {
    fileprivate static let example = WrittenMoment(text: "", inUTC: 0)

    fileprivate let text: String
    /// Seconds since 1970, if a text without a zone is meant in UTC.
    private let inUTC: Int64

    private init(text: String, inUTC: Int64) {
        self.text = text
        self.inUTC = inUTC
    }

    /// - Returns: nil unless it is a moment of the years 1 to 9999 but for the first and the last days, in every time zone.
    init?(_ text: String) {
        guard let moment = TypedMoment(text, offset: { _ in 0 }) else { return nil }
        for days: Int64 in [-3, 3] where TypedMoment(secondsSince1970: moment.seconds + days * 86_400) == nil {
            return nil
        }
        self.init(text: text, inUTC: moment.seconds)
    }

    /// Milliseconds since 1970.
    func milliseconds(in company: Company) -> Int64 { company.moment(text) ?? inUTC * 1000 }
}

extension WireType<WrittenMoment> {
    static var moment: Self {
        WireType(
            .time, example: .example, read: { $0.stringValue.flatMap(WrittenMoment.init) },
            write: { .string($0.text) })
    }
}

extension WireType {
    static func list<Element: Sendable>(of element: WireType<Element>, most: Int? = nil) -> WireType<[Element]>
    where Value == [Element] {
        let shape = Shape.list(element.shape, most: most)
        let write = { @Sendable (elements: Value) in JSON.array(elements.map(element.write)) }
        guard let reading = element.reading else { return WireType(shape, write: write) }
        return WireType(shape, example: [], read: { $0.arrayValue?.compactMap(reading.read) }, write: write)
    }

    /// The wrapped type, or null.
    static func orNull<Wrapped: Sendable>(_ wrapped: WireType<Wrapped>) -> WireType<Wrapped?>
    where Value == Wrapped? {
        let shape = Shape.orNull(wrapped.shape)
        let write = { @Sendable (value: Value) in value.map(wrapped.write) ?? .null }
        guard let reading = wrapped.reading else { return WireType(shape, write: write) }
        return WireType(
            shape, example: nil, read: { json in json == .null ? .some(nil) : reading.read(json).map { .some($0) } },
            write: write)
    }
}
