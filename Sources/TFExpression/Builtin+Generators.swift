/// Functions that hand out any number of values, or take closures.
extension Builtin {
    static let generators: [Builtin] = [
        Builtin("empty", 0) { (_, _, _, _) throws(ExpressionError) in },
        Builtin("error", 0) { (_, input, _, _) throws(ExpressionError) in throw .raised(input) },
        Builtin("error", 1) { (evaluator, input, arguments, _) throws(ExpressionError) in
            try arguments[0](&evaluator, input) { (_, value) throws(ExpressionError) in throw .raised(value) }
        },
        Builtin("select", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            try arguments[0](&evaluator, input) { (evaluator, value) throws(ExpressionError) in
                if value.isTruthy { try emit(&evaluator, input) }
            }
        },
        Builtin("map", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            var mapped: [JSON] = []
            for element in try input.elements() { mapped += try arguments[0].values(&evaluator, element) }
            try emit(&evaluator, .array(mapped))
        },
        Builtin("map_values", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            if case .object(let members) = input {
                var mapped = JSONObject()
                for (name, value) in members {
                    if let first = try arguments[0].values(&evaluator, value).first { mapped[name] = first }
                }
                return try emit(&evaluator, .object(mapped))
            }
            var mapped: [JSON] = []
            for element in try input.elements() {
                if let first = try arguments[0].values(&evaluator, element).first { mapped.append(first) }
            }
            try emit(&evaluator, .array(mapped))
        },
        Builtin("recurse", 0) { (evaluator, input, _, emit) throws(ExpressionError) in
            try evaluator.evaluate(.recurse, input, nil, emit)
        },
        Builtin("any", 0) { (evaluator, input, _, emit) throws(ExpressionError) in
            try emit(&evaluator, .bool(try input.elements().contains(where: \.isTruthy)))
        },
        Builtin("all", 0) { (evaluator, input, _, emit) throws(ExpressionError) in
            try emit(&evaluator, .bool(try input.elements().allSatisfy(\.isTruthy)))
        },
        Builtin("any", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            for element in try input.elements()
            where try arguments[0].values(&evaluator, element).contains(where: \.isTruthy) {
                return try emit(&evaluator, true)
            }
            try emit(&evaluator, false)
        },
        Builtin("all", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            for element in try input.elements()
            where try !arguments[0].values(&evaluator, element).allSatisfy(\.isTruthy) {
                return try emit(&evaluator, false)
            }
            try emit(&evaluator, true)
        },
        Builtin("first", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            if let first = try arguments[0].values(&evaluator, input).first { try emit(&evaluator, first) }
        },
        Builtin("range", 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            try arguments[0](&evaluator, input) { (evaluator, value) throws(ExpressionError) in
                guard let end = value.doubleValue else { throw .raised("Range bounds must be numeric") }
                var next = 0.0
                while next < end {
                    try evaluator.spend(1)
                    try emit(&evaluator, .double(next))
                    next += 1
                }
            }
        },
        sorting("sort_by") { pairs in pairs.map(\.element) },
        sorting("group_by") { pairs in groups(pairs).map { .array($0.map(\.element)) } },
        sorting("unique_by") { pairs in groups(pairs).map { $0[0].element } },
        sorting("min_by") { pairs in pairs.first.map { [$0.element] } ?? [.null] },
        sorting("max_by") { pairs in pairs.last.map { [$0.element] } ?? [.null] },
    ]

    private static func sorting(
        _ name: String, _ finish: @escaping @Sendable ([(keys: [JSON], element: JSON)]) -> [JSON]
    ) -> Builtin {
        let yieldsOne = name == "min_by" || name == "max_by"
        return Builtin(name, 1) { (evaluator, input, arguments, emit) throws(ExpressionError) in
            var pairs: [(keys: [JSON], element: JSON)] = []
            for element in try array(input, "sorted") {
                pairs.append((try arguments[0].values(&evaluator, element), element))
            }
            pairs.sort { JSON.array($0.keys) < JSON.array($1.keys) }
            let result = finish(pairs)
            try emit(&evaluator, yieldsOne ? result[0] : .array(result))
        }
    }

    private static func groups(_ pairs: [(keys: [JSON], element: JSON)]) -> [[(keys: [JSON], element: JSON)]] {
        pairs.reduce(into: []) { groups, pair in
            if let last = groups.last?.last, JSON.array(last.keys).equals(.array(pair.keys)) {
                groups[groups.count - 1].append(pair)
            } else {
                groups.append([pair])
            }
        }
    }
}
