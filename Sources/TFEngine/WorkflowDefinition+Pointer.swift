import TFDefinition

extension WorkflowDefinition {
    /// The list of steps at a JSON Pointer such as `/do` or `/do/2/review/do`; empty where there is none.
    package func list(at pointer: String) -> [WorkflowStep] {
        var parts = pointer.split(separator: "/").dropFirst()
        var list = steps
        while parts.count >= 3, let index = Int(parts[parts.startIndex]), list.indices.contains(index),
            case .do(let inner) = list[index].kind
        {
            list = inner
            parts = parts.dropFirst(3)
        }
        return parts.isEmpty ? list : []
    }
}
