import TFDefinition
import TFExpression

/// Why a step failed: RFC 9457's members, as the DSL uses them.
package struct WorkflowError: Error, Sendable, Hashable, Codable {
    package var type: String
    package var status: Int
    package var title: String
    package var detail: String?
    /// JSON Pointer of the step.
    package var instance: String

    package init(type: String, status: Int, title: String, detail: String? = nil, instance: String) {
        self.type = type
        self.status = status
        self.title = title
        self.detail = detail
        self.instance = instance
    }

    private static let base = "https://open-workflow-specification.org/spec/1.0.0/errors/"

    /// The standard errors of the DSL.
    package enum Kind: String, Sendable {
        case configuration
        case validation
        case expression
        case authentication
        case authorization
        case timeout
        case communication
        case runtime
    }

    /// nil for an error that a workflow or a program has named itself.
    package var kind: Kind? {
        type.hasPrefix(Self.base) ? Kind(rawValue: String(type.dropFirst(Self.base.count))) : nil
    }

    package init(
        _ kind: Kind, status: Int, title: String, detail: String? = nil, at reference: String
    ) {
        self.init(
            type: Self.base + kind.rawValue, status: status, title: title, detail: detail, instance: reference)
    }

    /// - Parameter place: which expression it was, in words; nil: none that somebody wrote.
    package static func expression(
        _ error: ExpressionError, in place: String? = nil, at reference: String
    ) -> WorkflowError {
        WorkflowError(
            .expression, status: 400, title: "An expression failed",
            detail: error.description + (place.map { ", in \($0)" } ?? ""), at: reference)
    }

    /// Why a step failed, for the trace of a trial: of an expression also which one.
    var reason: String { kind == .expression ? "\(title): \(detail ?? "")" : title }

    package static func runtime(_ detail: String, at reference: String) -> WorkflowError {
        WorkflowError(.runtime, status: 500, title: "The workflow cannot go on", detail: detail, at: reference)
    }

    package static func timeout(_ what: String, at reference: String) -> WorkflowError {
        WorkflowError(.timeout, status: 408, title: "Timeout", detail: what, at: reference)
    }

    package var json: JSON {
        [
            "type": .string(type), "status": .int(status), "title": .string(title), "detail": .optional(detail),
            "instance": .string(instance),
        ]
    }

    /// Reads a reported error; missing members are filled in.
    package init(reported json: JSON, at reference: String) {
        self.init(
            type: json["type"].stringValue ?? Self.base + Kind.runtime.rawValue, status: json["status"].intValue ?? 500,
            title: json["title"].stringValue ?? "The task failed", detail: json["detail"].stringValue,
            instance: reference)
    }

    /// The members by which errors are caught.
    private enum Member: String {
        case type
        case status
        case instance
        case title
        case detail
    }

    /// Whether the error has all the members of a `catch.errors.with`.
    ///
    /// `…/errors/X` and `…/errors/types/X`, in any of the specification's domains, count as the same type.
    func matches(_ filter: JSONObject) -> Bool {
        filter.allSatisfy { name, wanted in
            switch Member(rawValue: name) {
            case .type: Self.canonical(type) == wanted.stringValue.map(Self.canonical)
            case .status: wanted.doubleValue == Double(status)
            case .instance: wanted.stringValue == instance
            case .title: wanted.stringValue == title
            case .detail: wanted.stringValue == detail
            case nil: false
            }
        }
    }

    private static func canonical(_ type: String) -> String {
        let domains = ["https://open-workflow-specification.org/", "https://serverlessworkflow.io/"]
        guard let domain = domains.first(where: type.hasPrefix) else { return type }
        let path = type.dropFirst(domain.count).split(separator: "/")
        guard let name = path.last, path.dropLast().contains("errors") else { return type }
        return "errors/\(name)"
    }
}
