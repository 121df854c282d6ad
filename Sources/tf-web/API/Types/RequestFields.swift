import TFDefinition
import TFExpression

/// The fields of a request's body or query, with types and limits, declared once.
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
/// The same initialiser reads JSON, a page's form or a query; without a request it only collects the declarations.
protocol RequestFields: Sendable {
    /// Whether a body is required though all its fields are optional, so that a request whose body was forgotten is
    /// refused.
    static var isAlwaysSent: Bool { get }

    init(_ fields: inout FieldReader)
}

extension RequestFields {
    static var isAlwaysSent: Bool { false }
}

/// The declarations of a type's fields, collected once per route.
struct FieldRules: Sendable {
    let fields: [FieldReader.Field]
    let shape: Shape
    /// Whether the body may be missing.
    private(set) var isOptional: Bool

    init(_ type: any RequestFields.Type) {
        var reader = FieldReader()
        _ = type.init(&reader)
        fields = reader.fields
        shape = .object(fields.filter { !$0.isOnPage }.map(\.member))
        isOptional = !type.isAlwaysSent && fields.allSatisfy { !$0.member.isRequired }
    }

    /// The same rules with a required body, which may have no members.
    var ofSentBody: FieldRules {
        var rules = self
        rules.isOptional = false
        return rules
    }

    /// The fields as query parameters.
    var parameters: [Operation.Parameter] {
        fields.map { field in
            Operation.Parameter(
                name: field.member.name, shape: field.member.shape, help: field.member.help ?? "",
                isRequired: field.member.isRequired)
        }
    }
}

/// Reads the fields of one request in order, or collects their declarations.
struct FieldReader {
    struct Field: Sendable {
        let member: Shape.Member
        /// The error message to a person who left the field empty.
        var ask: String?
        /// The label of its control, where that is not what is made of its name.
        var label: String?
        /// Whether it holds the answers of a definition's form, which a page sends as `f.<id>`.
        var isAnswers = false
        /// Whether only pages send it.
        var isOnPage = false
        /// Whether it is the version that the change was made from, without which a page's form is refused.
        var isVersion = false

        /// Whether it takes several values, so that a form may have it more than once.
        var isList: Bool {
            if case .list = member.shape { true } else { false }
        }
    }

    private(set) var fields: [Field] = []
    /// The validated fields; nil while declarations are collected.
    private let object: JSONObject?
    private let answers: [String: [String]]?

    /// A reader that only collects declarations.
    fileprivate init() {
        object = nil
        answers = nil
    }

    /// - Parameters:
    ///   - object: the fields, already validated by the rules of the type that reads them.
    ///   - answers: the answers of the definition's form on a page; nil if `object` has them.
    init(checked object: JSONObject, answers: [String: [String]]? = nil) {
        self.object = object
        self.answers = answers
    }

    /// A required field; the type's example while declarations are collected.
    mutating func required<Value>(
        _ name: String, _ type: WireType<Value>, _ help: String? = nil, ask: String? = nil, label: String? = nil
    ) -> Value {
        note(Field(member: .required(name, type.shape, help), ask: ask, label: label))
        let reading = reading(type, name)
        return object?[name].flatMap(reading.read) ?? reading.example
    }

    /// - Parameter ask: the error message to a person who emptied the field, where it must have a value; nil: empty is
    ///   as if it were not there.
    mutating func optional<Value>(
        _ name: String, _ type: WireType<Value>, _ help: String? = nil, askIfEmptied ask: String? = nil,
        label: String? = nil
    ) -> Value? {
        note(Field(member: .optional(name, type.shape, help), ask: ask, label: label))
        return object?[name].flatMap(reading(type, name).read)
    }

    /// An optional field that only the page's form has.
    mutating func onPage<Value>(_ name: String, _ type: WireType<Value>) -> Value? {
        note(Field(member: .optional(name, type.shape), isOnPage: true))
        return object?[name].flatMap(reading(type, name).read)
    }

    /// The answers of a definition's form: a JSON member, or the page's fields.
    mutating func answers(_ name: String, _ help: String) -> GivenAnswers {
        note(Field(member: .optional(name, .map(.any), help), isAnswers: true))
        if let answers { return .posted(answers) }
        return .typed(object?[name]?.objectValue ?? [:])
    }

    static let versionName = "version"

    /// The version of the changed resource as the client read it, for optimistic locking. A page's form must send it:
    /// without it the form would silently overwrite what others have changed since.
    /// - Parameter isOnForms: false if forms cannot name it, and their change overwrites nothing.
    mutating func version(isOnForms: Bool = true) -> Int? {
        let type = WireType<Int>.integer(1...Int64(Int32.max))
        let help = "The version that was read; a stale one is answered 409."
        note(Field(member: .optional(Self.versionName, type.shape, help), isVersion: isOnForms))
        return object?[Self.versionName].flatMap(reading(type, Self.versionName).read)
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

/// The answers of a definition's form as a page or a program sends them.
enum GivenAnswers: Sendable {
    /// From a page: all values of each field, by the field's id.
    case posted([String: [String]])
    /// From a program: JSON values by the field's id.
    case typed(JSONObject)

    /// - Parameter form: nil if the definition has none; then there are no answers.
    func answers(of form: Form?) -> JSONObject {
        switch self {
        case .posted(let values): form?.answers(posted: values) ?? [:]
        case .typed(let object): object
        }
    }
}

/// No fields.
struct NoFields: RequestFields {
    init(_ fields: inout FieldReader) {}
}

/// Only the version.
struct VersionOnly: RequestFields {
    let version: Int?

    init(_ fields: inout FieldReader) { version = fields.version() }
}

extension FieldError {
    /// The error of a page's form that does not say from which version it was made.
    static let noVersion = FieldError(
        field: "version",
        message:
            "Nothing was changed: the form did not say which version of this it was made from. Check it, then send it again"
    )
}
