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

    /// `.[key]`: a name, an index, a slice `{start, end}`, or an array to look for.
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

    /// An index from the front, nil for NaN; too far in front is negative.
    private static func index(_ value: Double, count: Int) -> Int? {
        guard let whole = Int64(clamping: value.rounded(.down)) else { return nil }
        return whole < 0 ? Int(whole) + count : Int(whole)
    }

    /// Every place at which `wanted` stands in `elements`.
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
        case .array(let elements): return .array(Array(elements[try range(bounds, count: elements.count)]))
        case .string(let text):
            let scalars = text.unicodeScalars
            let range = try range(bounds, count: scalars.count)
            return .string(String(scalars.dropFirst(range.lowerBound).prefix(range.count)))
        case .null, .bool, .number, .object: return .null
        }
    }

    private func range(_ bounds: JSONObject, count: Int) throws(ExpressionError) -> Range<Int> {
        guard bounds["start"] != nil || bounds["end"] != nil else {
            throw .raised("Start and end indices of an array slice must be numbers")
        }
        let start = try bound(bounds["start"] ?? .null, or: 0, count: count, rounding: .down)
        let end = try bound(bounds["end"] ?? .null, or: count, count: count, rounding: .up)
        return start..<max(start, end)
    }

    private func bound(
        _ value: JSON, or absent: Int, count: Int, rounding: FloatingPointRoundingRule
    ) throws(ExpressionError) -> Int {
        if value == .null { return absent }
        guard let number = value.doubleValue else {
            throw .raised("Start and end indices of an array slice must be numbers")
        }
        guard let whole = Int64(clamping: number.rounded(rounding)) else { return absent }
        let bounded = whole < 0 ? Double(whole) + Double(count) : Double(whole)
        return Int(min(max(bounded, 0), Double(count)))
    }

    // MARK: Paths

    /// `getpath`: null from where a path leads out of the value.
    func get(_ path: [JSON]) throws(ExpressionError) -> JSON {
        var value = self
        for key in path {
            if value == .null { return .null }
            value = try value.member(key)
        }
        return value
    }

    /// `setpath`, in place.
    mutating func set(_ path: ArraySlice<JSON>, _ new: JSON) throws(ExpressionError) {
        guard let key = path.first else {
            self = new
            return
        }
        let rest = path.dropFirst()
        switch (self, key) {
        case (.object, .string(let name)), (.null, .string(let name)):
            var members = takeObject()
            defer { self = .object(members) }
            try members[name, default: .null].set(rest, new)
        case (.array, .number(let number)), (.null, .number(let number)):
            let count = arrayValue?.count ?? 0
            guard let index = Self.index(number.value, count: count) else {
                throw .raised("Cannot set array element at NaN index")
            }
            guard index >= 0 else { throw .raised("Out of bounds negative array index") }
            guard index < Self.longestArray else { throw .raised("Array index too large") }
            var elements = takeArray()
            defer { self = .array(elements) }
            if index >= elements.count {
                elements.append(contentsOf: Array(repeating: .null, count: index + 1 - elements.count))
            }
            try elements[index].set(rest, new)
        case (.array, .object(let bounds)), (.null, .object(let bounds)):
            let range = try range(bounds, count: arrayValue?.count ?? 0)
            var part = try slice(bounds)
            try part.set(rest, new)
            guard let replacement = part.arrayValue else {
                throw .raised("A slice of an array can only be assigned another array")
            }
            var elements = takeArray()
            elements.replaceSubrange(range, with: replacement)
            self = .array(elements)
        case (.string, .object): throw .raised("Cannot update string slices")
        case (.array, .array): throw .raised("Cannot update field at array index of array")
        default: throw cannotIndex(key)
        }
    }

    /// Leaves null behind, so that the members have one owner and change in place.
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

    /// `delpaths`: from the last path to the first, so that none moves the places of another.
    func deleting(paths: [JSON]) throws(ExpressionError) -> JSON {
        var plain: [JSON] = []
        for path in paths {
            guard let keys = path.arrayValue else { throw .raised("Path must be specified as an array") }
            guard keys.count <= ExpressionLimits.deepest else { throw .raised("Path too deep") }
            if keys.isEmpty { return .null }
            plain += try elementPaths(keys)
        }
        plain = plain.sortedAsJQ()
        var value = self
        var last: JSON?
        for path in plain.reversed() where last?.equals(path) != true {
            try value.delete((path.arrayValue ?? [])[...])
            last = path
        }
        return value
    }

    /// The path with its last key counted from the front, and a slice as the path of each element.
    private func elementPaths(_ path: [JSON]) throws(ExpressionError) -> [JSON] {
        let parent = Array(path.dropLast())
        guard let last = path.last, case .array(let elements) = try get(parent) else { return [.array(path)] }
        switch last {
        case .number(let number):
            guard let index = Self.index(number.value, count: elements.count), index >= 0 else { return [] }
            return [.array(parent + [.int(index)])]
        case .object(let bounds):
            return try JSON.array(elements).range(bounds, count: elements.count).map { .array(parent + [.int($0)]) }
        case .null, .bool, .string, .array: return [.array(path)]
        }
    }

    private mutating func delete(_ path: ArraySlice<JSON>) throws(ExpressionError) {
        guard let key = path.first, self != .null else { return }
        guard path.count == 1 else {
            let inner = try member(key)
            if inner == .null { return }
            var changed = inner
            try changed.delete(path.dropFirst())
            return try set([key], changed)
        }
        switch (self, key) {
        case (.object, .string(let name)):
            var members = takeObject()
            members.removeValue(forKey: name)
            self = .object(members)
        case (.array(let elements), .number(let number)):
            guard let index = Self.index(number.value, count: elements.count), elements.indices.contains(index) else {
                return
            }
            var left = takeArray()
            left.remove(at: index)
            self = .array(left)
        case (.object, _): throw .raised(.string("Cannot delete \(key.typeName) field of object"))
        case (.array, _): throw .raised(.string("Cannot delete \(key.typeName) element of array"))
        default: throw .raised(.string("Cannot delete fields from \(typeName)"))
        }
    }
}
