/// Functions on arrays and objects.
extension Builtin {
    static let collections: [Builtin] = [
        Builtin("keys") { (input) throws(ExpressionError) in
            try keys(input) { $0.sorted { $0.exactOrder(against: $1) < 0 } }
        },
        Builtin("keys_unsorted") { (input) throws(ExpressionError) in try keys(input) { $0 } },
        Builtin("add") { (input) throws(ExpressionError) in try sum(try elements(input)) },
        Builtin("any") { (input) throws(ExpressionError) in .bool(try elements(input).contains(where: \.isTruthy)) },
        Builtin("all") { (input) throws(ExpressionError) in .bool(try elements(input).allSatisfy(\.isTruthy)) },
        Builtin("reverse") { (input) throws(ExpressionError) in
            if let text = input.stringValue {
                return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
            }
            guard input != .null else { return [] }
            guard let elements = input.arrayValue else {
                throw .raised(.string("Cannot reverse \(input.errorText)"))
            }
            return .array(elements.reversed())
        },
        Builtin("sort") { (input) throws(ExpressionError) in .array(try array(input, "sorted").sortedAsJQ()) },
        Builtin("unique") { (input) throws(ExpressionError) in
            .array(
                try array(input, "sorted").sortedAsJQ().reduce(into: []) { unique, element in
                    if unique.last?.equals(element) != true { unique.append(element) }
                })
        },
        Builtin("min") { (input) throws(ExpressionError) in try extreme(input, input) { $0 < 0 } },
        Builtin("max") { (input) throws(ExpressionError) in try extreme(input, input) { $0 >= 0 } },
        Builtin("_sort_by") { (input, keys) throws(ExpressionError) in
            .array(try keyed(input, keys, "sorted").map(\.element))
        },
        Builtin("_group_by", nests: true) { (input, keys) throws(ExpressionError) in
            .array(groups(try keyed(input, keys, "grouped")).map { .array($0.map(\.element)) })
        },
        Builtin("_unique_by") { (input, keys) throws(ExpressionError) in
            .array(groups(try keyed(input, keys, "grouped")).map { $0[0].element })
        },
        Builtin("_min_by") { (input, keys) throws(ExpressionError) in
            try extreme(input, keys) { $0 < 0 }
        },
        Builtin("_max_by") { (input, keys) throws(ExpressionError) in
            try extreme(input, keys) { $0 >= 0 }
        },
        Builtin("flatten") { (input) throws(ExpressionError) in .array(flatten(try elements(input), .infinity)) },
        Builtin("flatten") { (input, depth) throws(ExpressionError) in
            guard let depth = depth.doubleValue, depth >= 0 else {
                throw .raised("flatten depth must not be negative")
            }
            return .array(flatten(try elements(input), depth))
        },
        Builtin(
            "transpose", 0,
            .metered { (evaluator, input, _) throws(ExpressionError) in
                let rows = try array(input, "transposed")
                for row in rows where row != .null && row.arrayValue == nil {
                    throw .raised(.string("Cannot index \(row.typeName) with number (0)"))
                }
                let width = rows.map { $0.arrayValue?.count ?? 0 }.max() ?? 0
                // Short rows are filled up.
                try evaluator.spend(Evaluator.product(rows.count, width) / 8)
                let columns = (0..<width).map { column in
                    rows.map { row in
                        let cells = row.arrayValue ?? []
                        return column < cells.count ? cells[column] : JSON.null
                    }
                }
                return .array(columns.map(JSON.array))
            }, nests: true),
        Builtin("to_entries", nests: true) { (input) throws(ExpressionError) in
            if let elements = input.arrayValue {
                return .array(elements.enumerated().map { ["key": .int($0.offset), "value": $0.element] })
            }
            guard let members = input.objectValue else { throw .raised(.string("\(input.errorText) has no keys")) }
            return .array(members.map { ["key": .string($0.key), "value": $0.value] })
        },
        Builtin("from_entries", nests: true) { (input) throws(ExpressionError) in
            var members = JSONObject()
            for entry in try elements(input) { members[try entryName(entry)] = try entryValue(entry) }
            return .object(members)
        },
        Builtin("bsearch") { (input, wanted) throws(ExpressionError) in
            guard let elements = input.arrayValue else {
                throw .raised(.string("\(input.errorText) cannot be searched from"))
            }
            var range = 0..<elements.count
            while !range.isEmpty {
                let middle = range.lowerBound + range.count / 2
                let order = wanted.order(against: elements[middle])
                if order == 0 { return .int(middle) }
                range = order > 0 ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
            }
            return .int(-1 - range.lowerBound)
        },
    ]

    static let paths: [Builtin] = [
        Builtin("getpath", 1, .path),
        Builtin(
            "setpath", 2,
            .values { (evaluator, input, arguments) throws(ExpressionError) in
                guard let path = arguments[0].arrayValue else { throw .raised("Path must be specified as an array") }
                guard path.count <= ExpressionLimits.deepest else { throw .raised("Path too deep") }
                try evaluator.nest(arguments[1], under: path.count)
                var changed = input
                try changed.set(path[...], arguments[1], fuel: &evaluator.limits.fuel)
                try evaluator.charge(changed)
                return [changed]
            }),
        Builtin(
            "delpaths", 1,
            .metered { (evaluator, input, arguments) throws(ExpressionError) in
                guard let paths = arguments[0].arrayValue else {
                    throw .raised("Paths must be specified as an array")
                }
                return try input.deleting(paths: paths, fuel: &evaluator.limits.fuel)
            }),
    ]

    private static func keys(_ input: JSON, _ order: ([String]) -> [String]) throws(ExpressionError) -> JSON {
        switch input {
        case .object(let members): return .strings(order(members.keys))
        case .array(let elements): return .array(elements.indices.map { .int($0) })
        case .null, .bool, .number, .string: throw .raised(.string("\(input.errorText) has no keys"))
        }
    }

    /// The sum of values; strings, arrays and objects are put together at once.
    static func sum(_ summands: [JSON]) throws(ExpressionError) -> JSON {
        // Adding null changes nothing.
        let values = summands.filter { $0 != .null }
        let texts = values.compactMap(\.stringValue)
        if !texts.isEmpty, texts.count == values.count { return .string(texts.joined()) }
        let arrays = values.compactMap(\.arrayValue)
        if !arrays.isEmpty, arrays.count == values.count { return .array(Array(arrays.joined())) }
        let objects = values.compactMap(\.objectValue)
        if !objects.isEmpty, objects.count == values.count {
            return .object(
                objects.reduce(into: JSONObject()) { sum, members in sum.merge(members) { _, later in later } })
        }
        var sum = JSON.null
        for value in values { sum = try BinaryOperator.add.apply(sum, value) }
        return sum
    }

    private static func keyed(
        _ input: JSON, _ keys: JSON, _ verb: String
    ) throws(ExpressionError) -> [(key: JSON, element: JSON)] {
        let elements = try array(input, verb)
        // Swift's sort is stable.
        return zip(keys.arrayValue ?? [], elements).map { ($0, $1) }.sorted { $0.key.sorts(before: $1.key) }
    }

    /// The least or greatest element: an element replaces the former one if the order of their keys says so.
    private static func extreme(
        _ input: JSON, _ keys: JSON, _ replaces: (Int) -> Bool
    ) throws(ExpressionError) -> JSON {
        let pairs = zip(keys.arrayValue ?? [], try array(input, "iterated over"))
        guard var best = pairs.first(where: { _ in true }) else { return .null }
        for pair in pairs.dropFirst() where replaces(pair.0.order(against: best.0)) { best = pair }
        return best.1
    }

    private static func groups(_ pairs: [(key: JSON, element: JSON)]) -> [[(key: JSON, element: JSON)]] {
        pairs.reduce(into: []) { groups, pair in
            if let last = groups.last?.last, last.key.equals(pair.key) {
                groups[groups.count - 1].append(pair)
            } else {
                groups.append([pair])
            }
        }
    }

    private static func flatten(_ elements: [JSON], _ depth: Double) -> [JSON] {
        elements.flatMap { element in
            guard depth != 0, let inner = element.arrayValue else { return [element] }
            return flatten(inner, depth - 1)
        }
    }

    private static func entryName(_ entry: JSON) throws(ExpressionError) -> String {
        for key in ["key", "k", "name", "Name", "Key", "K"] {
            let name = try entry.member(named: key)
            switch name {
            case .null, .bool(false): continue
            case .string(let text): return text
            case .bool, .number: return name.text
            case .array, .object: throw .raised(.string("Cannot use \(name.errorText) as object key"))
            }
        }
        if entry["key"] == false { return "false" }
        return "null"
    }

    private static func entryValue(_ entry: JSON) throws(ExpressionError) -> JSON {
        let members = entry.objectValue ?? [:]
        for key in ["value", "v", "Value", "V"] { if let value = members[key] { return value } }
        return .null
    }
}
