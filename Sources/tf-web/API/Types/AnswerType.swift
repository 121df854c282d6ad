import TFDefinition
import TFExpression

/// A kind of object in the API's answers: its members are declared once, and both the JSON and its schema are made from
/// them.
struct AnswerType<Value: Sendable>: Sendable {
    struct Member: Sendable {
        fileprivate let described: Shape.Member
        /// Returns nil if this object is written without the member.
        fileprivate let write: @Sendable (Value) -> JSON?
    }

    let shape: Shape
    private let members: [Member]

    /// - Parameter name: its name among the document's components; nil: described wherever it is used.
    init(_ name: String? = nil, _ members: [Member]) {
        self.members = members
        let object = Shape.object(members.map(\.described))
        shape = name.map { .named($0, object) } ?? object
    }

    func json(_ value: Value) -> JSON {
        .object(
            members.reduce(into: [:]) { object, member in
                if let written = member.write(value) { object[member.described.name] = written }
            })
    }

    /// All members of `other`, taken from a value inside this one.
    static func members<Inner>(
        of other: AnswerType<Inner>, _ inner: @escaping @Sendable (Value) -> Inner
    ) -> [Member] {
        other.members.map { member in
            Member(described: member.described, write: { member.write(inner($0)) })
        }
    }
}

/// A value that the API answers with.
protocol Answer: Sendable {
    static var answer: AnswerType<Self> { get }
}

extension Answer {
    var json: JSON { Self.answer.json(self) }
}

extension AnswerType.Member {
    static func required<Member>(
        _ name: String, _ type: WireType<Member>, _ help: String? = nil,
        _ value: @escaping @Sendable (Value) -> Member
    ) -> Self {
        Self(described: .required(name, type.shape, help), write: { type.write(value($0)) })
    }

    /// - Parameter value: returns nil to leave the member out.
    static func optional<Member>(
        _ name: String, _ type: WireType<Member>, _ help: String? = nil,
        _ value: @escaping @Sendable (Value) -> Member?
    ) -> Self {
        Self(described: .optional(name, type.shape, help), write: { value($0).map(type.write) })
    }
}

extension WireType {
    /// An object nested in an answer.
    static func object(_ type: AnswerType<Value>) -> Self { WireType(type.shape, write: type.json) }
}
