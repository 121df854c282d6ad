/// jq's total order: null, false, true, numbers, strings by code point, arrays element by element, objects first by
/// their sorted names and then by the values in that order. Source: jq 1.8 manual, `sort, sort_by(path_expression)`.
///
/// A computed number equals every literal of its double, while two literals differ by their digits, as in jq. So
/// equality is transitive only among literals, and no code may depend on the order of a mixture.
extension JSON {
    /// How two numbers compare.
    private enum Numbers {
        /// By jq's operators: NaN is less than every number, other NaNs included.
        case asCompared
        /// By jq's `sort`: NaNs keep their order.
        case asSorted
        /// As keys and indices, by their double alone. This order is transitive.
        case asKeys

        func order(_ left: JSONNumber, _ right: JSONNumber) -> Int {
            switch self {
            case .asCompared: return left.order(against: right)
            case .asSorted: return left.value.isNaN && right.value.isNaN ? 0 : left.order(against: right)
            case .asKeys:
                if left.value.isNaN || right.value.isNaN {
                    return (left.value.isNaN ? 0 : 1) - (right.value.isNaN ? 0 : 1)
                }
                return left.value < right.value ? -1 : left.value == right.value ? 0 : 1
            }
        }
    }

    /// Less than 0, 0 or more, by jq's operators: NaN is less than every number, other NaNs included.
    package func order(against other: JSON) -> Int { Self.order(self, other, .asCompared) }

    /// jq's `==`: the order of members does not count, and no NaN equals another.
    package func equals(_ other: JSON) -> Bool { order(against: other) == 0 }

    /// Whether the value comes before `other` in a sorted array; NaNs keep their order.
    func sorts(before other: JSON) -> Bool { Self.order(self, other, .asSorted) < 0 }

    /// Less than 0, 0 or more, for keys or paths: numbers compare by their double, and all NaNs are equal.
    func keyOrder(against other: JSON) -> Int { Self.order(self, other, .asKeys) }

    private static func order(_ left: JSON, _ right: JSON, _ numbers: Numbers) -> Int {
        switch (left, right) {
        case (.number(let left), .number(let right)): numbers.order(left, right)
        case (.string(let left), .string(let right)): left.exactOrder(against: right)
        case (.array(let left), .array(let right)): order(left, right, numbers)
        case (.object(let left), .object(let right)): order(left, right, numbers)
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

    private static func order(_ left: [JSON], _ right: [JSON], _ numbers: Numbers) -> Int {
        for (left, right) in zip(left, right) {
            let order = order(left, right, numbers)
            if order != 0 { return order }
        }
        return left.count - right.count
    }

    private static func order(_ left: JSONObject, _ right: JSONObject, _ numbers: Numbers) -> Int {
        let left = left.sortedByName()
        let right = right.sortedByName()
        for (left, right) in zip(left, right) {
            let order = left.key.exactOrder(against: right.key)
            if order != 0 { return order }
        }
        if left.count != right.count { return left.count - right.count }
        return order(left.map(\.value), right.map(\.value), numbers)
    }
}

extension JSONObject {
    fileprivate func sortedByName() -> [Element] { sorted { $0.key.exactOrder(against: $1.key) < 0 } }
}

extension [JSON] {
    /// The elements as jq's `sort` orders them; equal ones keep their order.
    package func sortedAsJQ() -> [JSON] { sorted { $0.sorts(before: $1) } }
}
