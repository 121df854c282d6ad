import HTTPTypes
import Hummingbird
import NIOCore
import TFExpression

/// A dry run's script as YAML, one answer a line.
struct DryRunScript {
    private let script: JSON

    init(_ script: JSON) { self.script = script }

    var text: String {
        let members = script.objectValue ?? [:]
        guard !members.isEmpty else { return "# Nobody has answered anything.\ntasks: {}\n" }
        var lines: [String] = []
        for (key, value) in members {
            switch value {
            case .array(let items):
                lines.append("\(key):")
                lines += items.map { "  - \($0.text)" }
            case .object(let inner) where key == "tasks":
                lines.append("tasks:")
                for (task, answers) in inner {
                    lines.append("  \(task):")
                    lines += (answers.arrayValue ?? []).map { "    - \($0.text)" }
                }
            case .object, .null, .bool, .number, .string: lines.append("\(key): \(value.text)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// A file of a dry run's test, to be saved: `purchase.script.yaml`, and `purchase.form.json` with the form's answers.
enum DryRunFile: String {
    case script, form

    /// The name of the button's field.
    static let field = "save"

    func name(of workflow: String) -> String {
        switch self {
        case .script: "\(workflow).script.yaml"
        case .form: "\(workflow).form.json"
        }
    }

    /// The file as a download; it changes nothing.
    func response(_ step: DryRunStep, of workflow: String) -> Response {
        let (text, type) =
            switch self {
            case .script: (DryRunScript(step.script).text, "application/yaml")
            case .form: ((step.input ?? [:]).text + "\n", "application/json")
            }
        return Response(
            status: .ok,
            headers: [
                .contentType: type, .contentDisposition: ContentDisposition.attachment(name(of: workflow)),
            ], body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
