import OrderedCollections

/// The members of an object, in the order in which they were written. Names compare by their Unicode scalars.
package struct JSONObject: Sendable, Hashable {
    package typealias Element = (key: String, value: JSON)

    private var members: OrderedDictionary<ExactString, JSON>

    private init(members: OrderedDictionary<ExactString, JSON>) { self.members = members }

    package init() { members = [:] }

    /// - Parameter combine: makes the value of a repeated name from its earlier and its later value.
    package init(_ elements: some Sequence<(String, JSON)>, uniquingKeysWith combine: (JSON, JSON) -> JSON) {
        members = [:]
        for (name, value) in elements {
            let earlier = self[name]
            self[name] = earlier.map { combine($0, value) } ?? value
        }
    }

    package subscript(name: String) -> JSON? {
        get { members[ExactString(name)] }
        _modify { yield &members[ExactString(name)] }
    }

    package subscript(name: String, default absent: @autoclosure () -> JSON) -> JSON {
        get { members[ExactString(name)] ?? absent() }
        _modify { yield &members[ExactString(name), default: absent()] }
    }

    package var count: Int { members.count }

    package var isEmpty: Bool { members.isEmpty }

    /// The names, in order.
    package var keys: [String] { members.keys.map(\.text) }

    /// The values, in the order of their names.
    package var values: some RandomAccessCollection<JSON> { members.values }

    /// The member at an index from 0.
    subscript(place place: Int) -> Element {
        let member = members.elements[place]
        return (member.key.text, member.value)
    }

    /// Whether both are the same object in memory.
    func isSame(as other: JSONObject) -> Bool {
        members.values.withContiguousStorageIfAvailable(\.baseAddress)
            == other.members.values.withContiguousStorageIfAvailable(\.baseAddress) && count == other.count
    }

    @discardableResult
    package mutating func removeValue(forKey name: String) -> JSON? { members.removeValue(forKey: ExactString(name)) }

    /// Adds the members of another object; `combine` decides for names that both have.
    package mutating func merge(_ other: JSONObject, uniquingKeysWith combine: (JSON, JSON) -> JSON) {
        members.merge(other.members.elements.lazy.map { ($0.key, $0.value) }, uniquingKeysWith: combine)
    }

    /// This object with the members of another; `combine` decides for names that both have.
    package func merging(_ other: JSONObject, uniquingKeysWith combine: (JSON, JSON) -> JSON) -> JSONObject {
        var merged = self
        merged.merge(other, uniquingKeysWith: combine)
        return merged
    }

    /// The members for which `isIncluded` is true.
    package func filter(_ isIncluded: (Element) throws -> Bool) rethrows -> JSONObject {
        JSONObject(members: try members.filter { try isIncluded(($0.key.text, $0.value)) })
    }
}

extension JSONObject: Sequence {
    package struct Iterator: IteratorProtocol {
        fileprivate var members: OrderedDictionary<ExactString, JSON>.Iterator

        package mutating func next() -> Element? { members.next().map { ($0.key.text, $0.value) } }
    }

    package func makeIterator() -> Iterator { Iterator(members: members.makeIterator()) }

    package var underestimatedCount: Int { members.count }
}

/// Encoded as one list of names and values in turn, since Codable's keyed containers lose the order.
extension JSONObject: Codable {
    package init(from decoder: any Decoder) throws { members = try OrderedDictionary(from: decoder) }

    package func encode(to encoder: any Encoder) throws { try members.encode(to: encoder) }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSON)...) {
        self.init(elements, uniquingKeysWith: { _, last in last })
    }
}
