import TFDefinition
import TFExpression

/// What a request carries in its body or its query: typed fields with their limits, declared once.
///
///     struct Hold: RequestFields {
///         let until: WrittenMoment
///         let reason: String?
///
///         init(_ fields: inout FieldReader) {
///             until = fields.required("until", .moment, ask: "Say until when the task is put off")
///             reason = fields.optional("reason", .text(0, .reason))
///         }
///     }
///
/// The same initialiser reads JSON, a page's form or a query, and, without any of them, tells which fields there are.
protocol RequestFields: Sendable {
    /// Whether a body is there in any case, though none of its fields has to be: an empty request shall not be taken for
    /// one that says nothing.
    static var isAlwaysSent: Bool { get }

    init(_ fields: inout FieldReader)
}

extension RequestFields {
    static var isAlwaysSent: Bool { false }
}

/// What a type of fields is made of, found out once for a route.
struct FieldRules: Sendable {
    let fields: [FieldReader.Field]
    let shape: Shape
    /// Whether a body may be left out.
    private(set) var isOptional: Bool

    init(_ type: any RequestFields.Type) {
        var reader = FieldReader()
        _ = type.init(&reader)
        fields = reader.fields
        shape = .object(fields.filter { !$0.isOnPage }.map(\.member))
        isOptional = !type.isAlwaysSent && fields.allSatisfy { !$0.member.isRequired }
    }

    /// The same for a body that must be there, though it may name nothing.
    var ofSentBody: FieldRules {
        var rules = self
        rules.isOptional = false
        return rules
    }

    /// The same as the parameters of a query.
    var parameters: [Operation.Parameter] {
        fields.map { field in
            Operation.Parameter(
                name: field.member.name, shape: field.member.shape, help: field.member.help ?? "",
                isRequired: field.member.isRequired)
        }
    }
}

/// Reads the fields of one request in their order, or notes what they are.
struct FieldReader {
    struct Field: Sendable {
        let member: Shape.Member
        /// What a person is told who left it out.
        var ask: String?
        /// Whether it is the answers of a definition's form, which a page sends as `f.<id>`.
        var isAnswers = false
        /// Whether only pages have it.
        var isOnPage = false
    }

    private(set) var fields: [Field] = []
    /// nil: the fields are only noted.
    private let object: JSONObject?
    private let answers: [String: [String]]?

    /// For a request that does not exist.
    fileprivate init() {
        object = nil
        answers = nil
    }

    /// - Parameters:
    ///   - object: without an error in it, by the rules of the type that reads it.
    ///   - answers: of the definition's form on a page; nil: `object` has them.
    init(checked object: JSONObject, answers: [String: [String]]? = nil) {
        self.object = object
        self.answers = answers
    }

    /// A field that must be there; its type's example where there is no request.
    mutating func required<Value>(
        _ name: String, _ type: WireType<Value>, _ help: String? = nil, ask: String? = nil
    ) -> Value {
        note(Field(member: .required(name, type.shape, help), ask: ask))
        let reading = reading(type, name)
        return object?[name].flatMap(reading.read) ?? reading.example
    }

    mutating func optional<Value>(_ name: String, _ type: WireType<Value>, _ help: String? = nil) -> Value? {
        note(Field(member: .optional(name, type.shape, help)))
        return object?[name].flatMap(reading(type, name).read)
    }

    /// A field of the page's form that programs have no use for.
    mutating func onPage<Value>(_ name: String, _ type: WireType<Value>) -> Value? {
        note(Field(member: .optional(name, type.shape), isOnPage: true))
        return object?[name].flatMap(reading(type, name).read)
    }

    /// The answers of a definition's form: a member of JSON, or the page's fields.
    mutating func answers(_ name: String, _ help: String) -> GivenAnswers {
        note(Field(member: .optional(name, .map(.any), help), isAnswers: true))
        if let answers { return .posted(answers) }
        return .typed(object?[name]?.objectValue ?? [:])
    }

    /// The version of what is changed, as it was read.
    mutating func version() -> Int? {
        optional(
            "version", .integer(1...Int64(Int32.max)), "The version that was read; a stale one is answered 409.")
    }

    private mutating func note(_ field: Field) {
        if object == nil { fields.append(field) }
    }

    private func reading<Value>(_ type: WireType<Value>, _ name: String) -> WireType<Value>.Reading {
        guard let reading = type.reading else {
            preconditionFailure("the field \(name) has a type that only answers have")
        }
        return reading
    }
}

/// The answers of a definition's form, as a page or a program sends them.
enum GivenAnswers: Sendable {
    /// Every value of each field of the page's form, by the field's id.
    case posted([String: [String]])
    /// By the fields' ids, in the types of the form.
    case typed(JSONObject)

    /// - Parameter form: nil: there is none, and nothing is answered.
    func answers(of form: Form?) -> JSONObject {
        switch self {
        case .posted(let values): form?.answers(posted: values) ?? [:]
        case .typed(let object): object
        }
    }
}

/// No fields at all.
struct NoFields: RequestFields {
    init(_ fields: inout FieldReader) {}
}

/// The version alone.
struct VersionOnly: RequestFields {
    let version: Int?

    init(_ fields: inout FieldReader) { version = fields.version() }
}
