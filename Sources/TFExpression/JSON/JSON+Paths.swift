/// Reading and changing values by keys and paths, as jq does.
extension JSON {
    private static let longestArray = 1_000_000

    /// `.name`.
    func member(named name: String) throws(ExpressionError) -> JSON {
        switch self {
        case .object(let members): return members[name] ?? .null
        case .null: return .null
        case .bool, .number, .string, .array: throw cannotIndex(.string(name))
        }
    }

    /// `.[key]`: the key is a name, an index, a slice `{start, end}`, or an array to search for.
    func member(_ key: JSON) throws(ExpressionError) -> JSON {
        switch (self, key) {
        case (_, .string(let name)): return try member(named: name)
        case (.array(let elements), .number(let number)):
            guard let index = Self.index(number.value, count: elements.count), elements.indices.contains(index) else {
                return .null
            }
            return elements[index]
        case (.null, .number), (.null, .null): return .null
        case (.null, .object(let bounds)), (.array, .object(let bounds)), (.string, .object(let bounds)):
            return try slice(bounds)
        case (.array(let elements), .array(let wanted)): return Self.indices(of: wanted, in: elements)
        default: throw cannotIndex(key)
        }
    }

    private func cannotIndex(_ key: JSON) -> ExpressionError {
        .raised(.string("Cannot index \(typeName) with \(key.errorText)"))
    }

    /// An index from the front; negative if it is before the first element, nil for NaN.
    private static func index(_ value: Double, count: Int) -> Int? {
        guard let whole = Int64(clamping: value) else { return nil }
        return whole < 0 ? Int(whole) + count : Int(whole)
    }

    /// All indices at which `wanted` stands in `elements`.
    static func indices(of wanted: [JSON], in elements: [JSON]) -> JSON {
        guard !wanted.isEmpty, elements.count >= wanted.count else { return wanted.isEmpty ? .null : [] }
        let places = (0...(elements.count - wanted.count)).filter { start in
            wanted.indices.allSatisfy { elements[start + $0].equals(wanted[$0]) }
        }
        return .array(places.map { .int($0) })
    }

    // MARK: Slices

    private func slice(_ bounds: JSONObject) throws(ExpressionError) -> JSON {
        switch self {
        case .array(let elements): return .array(Array(elements[try Self.range(bounds, count: elements.count)]))
        case .string(let text):
            let scalars = text.unicodeScalars
            let range = try Self.range(bounds, count: scalars.count)
            return .string(String(scalars.dropFirst(range.lowerBound).prefix(range.count)))
        case .null, .bool, .number, .object: return .null
        }
    }

    static func range(_ bounds: JSONObject, count: Int) throws(ExpressionError) -> Range<Int> {
        guard let first = bounds["start"], let last = bounds["end"] else {
            throw .raised("Array/string slice indices must be integers")
        }
        let start = try bound(first, or: 0, count: count, rounding: .down)
        let end = try bound(last, or: count, count: count, rounding: .up)
        return start..<max(start, end)
    }

    private static func bound(
        _ value: JSON, or absent: Int, count: Int, rounding: FloatingPointRoundingRule
    ) throws(ExpressionError) -> Int {
        if value == .null { return absent }
        guard let number = value.doubleValue else {
            throw .raised("Array/string slice indices must be integers")
        }
        guard let whole = Int64(clamping: number.rounded(rounding)) else { return absent }
        let bounded = whole < 0 ? Double(whole) + Double(count) : Double(whole)
        return Int(min(max(bounded, 0), Double(count)))
    }

    // MARK: Paths

    /// `getpath`: null if the path leads out of the value.
    func get(_ path: [JSON]) throws(ExpressionError) -> JSON {
        var value = self
        for key in path {
            if value == .null { return .null }
            value = try value.member(key)
        }
        return value
    }

    /// `setpath`, in place.
    /// - Parameter fuel: pays for arrays that grow, and for copies of changed values.
    mutating func set(
        _ path: ArraySlice<JSON>, _ new: JSON, fuel: inout Int
    ) throws(ExpressionError) {
        guard let key = path.first else {
            self = new
            return
        }
        let rest = path.dropFirst()
        try Self.spend(elementCount / 32, &fuel)
        switch (self, key) {
        case (.object, .string(let name)), (.null, .string(let name)):
            var members = takeObject()
            defer { self = .object(members) }
            try members[name, default: .null].set(rest, new, fuel: &fuel)
        case (.array, .number(let number)), (.null, .number(let number)):
            let count = arrayValue?.count ?? 0
            guard let index = Self.index(number.value, count: count) else {
                throw .raised("Cannot set array element at NaN index")
            }
            guard index >= 0 else { throw .raised("Out of bounds negative array index") }
            guard index < Self.longestArray else { throw .raised("Array index too large") }
            let missing = max(0, index + 1 - count)
            try Self.spend(missing / 8, &fuel)
            var elements = takeArray()
            defer { self = .array(elements) }
            if missing > 0 { elements.append(contentsOf: Array(repeating: .null, count: missing)) }
            try elements[index].set(rest, new, fuel: &fuel)
        case (.array, .object(let bounds)), (.null, .object(let bounds)):
            let range = try Self.range(bounds, count: arrayValue?.count ?? 0)
            var part = try slice(bounds)
            try part.set(rest, new, fuel: &fuel)
            guard let replacement = part.arrayValue else {
                throw .raised("A slice of an array can only be assigned another array")
            }
            try Self.spend((elementCount + replacement.count) / 8, &fuel)
            var elements = takeArray()
            elements.replaceSubrange(range, with: replacement)
            self = .array(elements)
        case (.string, .object): throw .raised("Cannot update string slices")
        case (.array, .array): throw .raised("Cannot update field at array index of array")
        default: throw cannotIndex(key)
        }
    }

    private static func spend(_ steps: Int, _ fuel: inout Int) throws(ExpressionError) {
        fuel -= steps
        guard fuel >= 0 else { throw .exhausted("it took too many steps") }
    }

    /// Takes the members out, leaving null, so that they have one owner and change in place.
    private mutating func takeObject() -> JSONObject {
        guard case .object(let members) = self else { return [:] }
        self = .null
        return members
    }

    private mutating func takeArray() -> [JSON] {
        guard case .array(let elements) = self else { return [] }
        self = .null
        return elements
    }
}
