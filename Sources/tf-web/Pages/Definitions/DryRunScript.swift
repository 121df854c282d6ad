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
