/// jq's total order: null, false, true, numbers, strings by code point, arrays element by element, objects first by
/// their sorted names and then by the values in that order. Source: jq 1.8 manual, `sort, sort_by(path_expression)`.
extension JSON {
    /// Less than 0, 0 or more, as jq's comparisons have it: NaN is less than every number, another NaN included.
    package func order(against other: JSON) -> Int { Self.order(self, other, sortsNaN: false) }

    /// jq's `==`: the order of members does not count, and no NaN equals another.
    package func equals(_ other: JSON) -> Bool { order(against: other) == 0 }

    /// Whether it stands in front of `other` in a sorted array: NaNs keep their order.
    func sorts(before other: JSON) -> Bool { Self.order(self, other, sortsNaN: true) < 0 }

    private static func order(_ left: JSON, _ right: JSON, sortsNaN: Bool) -> Int {
        switch (left, right) {
        case (.number(let left), .number(let right)):
            sortsNaN && left.value.isNaN && right.value.isNaN ? 0 : left.order(against: right)
        case (.string(let left), .string(let right)): left.exactOrder(against: right)
        case (.array(let left), .array(let right)): order(left, right, sortsNaN: sortsNaN)
        case (.object(let left), .object(let right)): order(left, right, sortsNaN: sortsNaN)
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

    private static func order(_ left: [JSON], _ right: [JSON], sortsNaN: Bool) -> Int {
        for (left, right) in zip(left, right) {
            let order = order(left, right, sortsNaN: sortsNaN)
            if order != 0 { return order }
        }
        return left.count - right.count
    }

    private static func order(_ left: JSONObject, _ right: JSONObject, sortsNaN: Bool) -> Int {
        let left = left.sortedByName()
        let right = right.sortedByName()
        for (left, right) in zip(left, right) {
            let order = left.key.exactOrder(against: right.key)
            if order != 0 { return order }
        }
        if left.count != right.count { return left.count - right.count }
        return order(left.map(\.value), right.map(\.value), sortsNaN: sortsNaN)
    }
}

extension JSONObject {
    fileprivate func sortedByName() -> [Element] { sorted { $0.key.exactOrder(against: $1.key) < 0 } }
}

extension [JSON] {
    /// As jq's `sort`; what is equal keeps its order.
    package func sortedAsJQ() -> [JSON] { sorted { $0.sorts(before: $1) } }
}
