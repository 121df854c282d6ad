/// `delpaths`. All keys are looked up before anything is deleted, so that no deletion moves the elements of another.
extension JSON {
    /// - Parameter fuel: pays for copies of changed values.
    func deleting(paths: [JSON], fuel: inout Int) throws(ExpressionError) -> JSON {
        var keys: [[JSON]] = []
        for path in paths.sorted(by: { $0.keyOrder(against: $1) < 0 }) {
            guard let path = path.arrayValue else {
                throw .raised(.string("Path must be specified as array, not \(path.typeName)"))
            }
            guard path.count <= ExpressionLimits.deepest else { throw .raised("Path too deep") }
            keys.append(path)
        }
        return keys.contains(where: \.isEmpty) ? .null : try deleting(keys[...], from: 0, &fuel)
    }

    /// - Parameter paths: longer than `level`, sorted by their keys, and equal before `level`.
    private func deleting(
        _ paths: ArraySlice<[JSON]>, from level: Int, _ fuel: inout Int
    ) throws(ExpressionError) -> JSON {
        var changed = self
        var gone: [JSON] = []
        var start = paths.startIndex
        while start < paths.endIndex {
            let key = paths[start][level]
            let end = paths[(start + 1)...].firstIndex { $0[level].keyOrder(against: key) != 0 } ?? paths.endIndex
            if paths[start..<end].contains(where: { $0.count == level + 1 }) {
                gone.append(key)  // with everything inside it
            } else {
                let inner = try changed.member(key)
                if inner != .null {
                    let left = try inner.deleting(paths[start..<end], from: level + 1, &fuel)
                    try changed.set([key], left, fuel: &fuel)
                }
            }
            start = end
        }
        return try changed.deleting(keys: gone)
    }

    private func deleting(keys: [JSON]) throws(ExpressionError) -> JSON {
        switch self {
        case _ where keys.isEmpty: return self
        case .null: return self
        case .array(let elements): return .array(try Self.deleting(keys, from: elements))
        case .object(let members):
            var names: Set<ExactString> = []
            for key in keys {
                guard let name = key.stringValue else {
                    throw .raised(.string("Cannot delete \(key.typeName) field of object"))
                }
                names.insert(ExactString(name))
            }
            return .object(members.filter { !names.contains(ExactString($0.key)) })
        case .bool, .number, .string: throw .raised(.string("Cannot delete fields from \(typeName)"))
        }
    }

    private static func deleting(_ keys: [JSON], from elements: [JSON]) throws(ExpressionError) -> [JSON] {
        // For each index, how many deleted ranges start there, less those that end there.
        var changes = Array(repeating: 0, count: elements.count + 1)
        for key in keys {
            let range: Range<Int>
            switch key {
            case .number(let number):
                guard let index = deletedIndex(number.value, count: elements.count) else { continue }
                range = index..<(index + 1)
            case .object(let bounds): range = try JSON.range(bounds, count: elements.count)
            case .null, .bool, .string, .array:
                throw .raised(.string("Cannot delete \(key.typeName) element of array"))
            }
            changes[range.lowerBound] += 1
            changes[range.upperBound] -= 1
        }
        var depth = 0
        return zip(elements, changes).compactMap { element, change in
            depth += change
            return depth > 0 ? nil : element
        }
    }

    /// The index to delete; nil if there is no such element.
    private static func deletedIndex(_ value: Double, count: Int) -> Int? {
        guard let whole = Int64(clamping: value) else { return nil }
        let index = value < 0 ? whole + Int64(count) : whole
        return (0..<Int64(count)).contains(index) ? Int(index) : nil
    }
}
