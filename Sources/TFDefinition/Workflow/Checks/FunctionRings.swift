/// Functions of `use.functions` that call themselves, or each other in a ring: each call is a level deeper, and there is
/// a limit to them.
struct FunctionRings {
    /// The functions in source order.
    let names: [String]
    /// The functions that each of them calls, in source order.
    private let calls: [String: [String]]

    init(_ names: [String], _ functions: [String: WorkflowStep]) {
        self.names = names
        calls = functions.mapValues { function in
            function.allSteps.compactMap { step in
                if case .function(let call) = step.kind { call.name } else { nil }
            }
        }
    }

    /// The rings, each from the function in which it was found; one for a function.
    ///
    /// Each call is followed once, depth first. It keeps its own stack, since functions may call each other many levels
    /// deep.
    func all() -> [[String]] {
        var rings: [[String]] = []
        var finished: Set<String> = []
        for start in names where !finished.contains(start) {
            var path = [(name: start, next: 0)]
            var places = [start: 0]
            while let (name, next) = path.last {
                guard let called = calls[name], next < called.count else {
                    path.removeLast()
                    places[name] = nil
                    finished.insert(name)
                    continue
                }
                path[path.count - 1].next += 1
                if let place = places[called[next]] {
                    rings.append(path[place...].map(\.name))
                } else if !finished.contains(called[next]) {
                    places[called[next]] = path.count
                    path.append((called[next], 0))
                }
            }
        }
        var told: Set<String> = []
        return rings.filter { told.insert($0[0]).inserted }
    }
}
