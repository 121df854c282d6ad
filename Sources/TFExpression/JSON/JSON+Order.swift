/// jq's total order: null, false, true, numbers, strings by code point, arrays element by element, objects first by
/// their sorted names and then by the values in that order. Source: jq 1.8 manual, `sort, sort_by(path_expression)`.
extension JSON: Comparable {
    package static func < (left: JSON, right: JSON) -> Bool { compare(left, right) < 0 }

    /// jq's `==`: the order of members does not count.
    package func equals(_ other: JSON) -> Bool { Self.compare(self, other) == 0 }

    private static func compare(_ left: JSON, _ right: JSON) -> Int {
        switch (left, right) {
        case (.number(let left), .number(let right)):
            left.order(against: right)
        case (.string(let left), .string(let right)): compare(left.unicodeScalars, right.unicodeScalars)
        case (.array(let left), .array(let right)): compare(left, right)
        case (.object(let left), .object(let right)): compare(left, right)
        default: left.rank - right.rank
        }
    }

    private var rank: Int {
        switch self {
        case .null: 0
        case .bool(false): 1
        case .bool(true): 2
        case .number: 3
        case .string: 4
        case .array: 5
        case .object: 6
        }
    }

    private static func compare(_ left: String.UnicodeScalarView, _ right: String.UnicodeScalarView) -> Int {
        if left.elementsEqual(right) { return 0 }
        return left.lexicographicallyPrecedes(right) ? -1 : 1
    }

    private static func compare(_ left: [JSON], _ right: [JSON]) -> Int {
        for (left, right) in zip(left, right) {
            let order = compare(left, right)
            if order != 0 { return order }
        }
        return left.count - right.count
    }

    private static func compare(_ left: JSONObject, _ right: JSONObject) -> Int {
        let leftNames = left.keys.sorted()
        let rightNames = right.keys.sorted()
        let names = compare(leftNames.map(JSON.string), rightNames.map(JSON.string))
        if names != 0 { return names }
        return compare(leftNames.map { left[$0] ?? .null }, rightNames.map { right[$0] ?? .null })
    }
}
