import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// How a Swift value stands in JSON: one declaration describes it, reads it and writes it.
struct WireType<Value: Sendable>: Sendable {
    let shape: Shape
    /// nil: only answers have values of this type.
    let reading: Reading?
    let write: @Sendable (Value) -> JSON

    struct Reading: Sendable {
        /// Any value of the type, which stands for what nobody has sent yet while a request is described.
        let example: Value
        /// nil for JSON that is not of the shape.
        let read: @Sendable (JSON) -> Value?
    }

    /// A type of answers.
    init(_ shape: Shape, write: @escaping @Sendable (Value) -> JSON) {
        self.shape = shape
        reading = nil
        self.write = write
    }

    /// A type of requests and answers.
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
    /// Whatever was sent or stored.
    static var any: Self { shaped(.any) }

    /// JSON that is made elsewhere, of a shape that is known.
    static func shaped(_ shape: Shape) -> Self {
        WireType(shape, example: .null, read: { $0 }, write: { $0 })
    }
}

extension WireType<JSONObject> {
    /// Members of any name and value.
    static var map: Self {
        WireType(.map(.any), example: [:], read: \.objectValue, write: { .object($0) })
    }
}

extension WireType<Bool> {
    static var flag: Self {
        WireType(.flag, example: false, read: \.boolValue, write: { .bool($0) })
    }
}

extension WireType<String> {
    /// A text of an answer, of any length.
    static var text: Self { of(.text) }
    static var slug: Self { of(.slug) }
    static var login: Self { of(.login) }

    static func text(_ shortest: Int = 0, _ longest: Int) -> Self { of(.text(shortest, longest)) }
    static func text(_ shortest: Int = 0, _ limit: TextLimit) -> Self { of(.text(shortest, limit)) }

    /// A password as it was typed: the space around it belongs to it.
    static var password: Self { of(.text(Shape.TextRule(isVerbatim: true))) }

    /// One of some words.
    static func choice(_ words: [String]) -> Self { of(.choice(words)) }

    private static func of(_ shape: Shape) -> Self {
        WireType(shape, example: "", read: \.stringValue, write: { .string($0) })
    }
}

extension WireType where Value: RawRepresentable<String> & CaseIterable {
    /// A word of a vocabulary.
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
    /// A moment of an answer: milliseconds since 1970 here, RFC 3339 in UTC there.
    static var time: Self {
        WireType(.time, write: { .string(Moment.iso8601($0)) })
    }
}

/// A moment as somebody wrote it: RFC 3339, or a local date with a time in the company's zone.
struct WrittenMoment: Sendable, Hashable {
    fileprivate let text: String

    /// Milliseconds since 1970.
    func milliseconds(in company: Company) -> Int64 { company.moment(text) ?? 0 }
}

extension WireType<WrittenMoment> {
    static var moment: Self {
        WireType(
            .time, example: WrittenMoment(text: ""), read: { $0.stringValue.map(WrittenMoment.init) },
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

    /// The value, or null.
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
