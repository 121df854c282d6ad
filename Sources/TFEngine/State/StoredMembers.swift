import TFExpression

/// What the store holds of an instance is not what this version writes.
package struct UnreadableState: Error, CustomStringConvertible {
    let member: String
    let value: JSON

    package var description: String {
        "the stored state of a workflow has \"\(member)\": \(String(value.text.prefix(80)).onOneLine), which cannot be read"
    }
}

/// The members of an object in an instance's stored state.
struct StoredMembers {
    private let members: JSONObject

    init(_ json: JSON, _ name: String) throws(UnreadableState) {
        guard let members = json.objectValue else { throw UnreadableState(member: name, value: json) }
        self.members = members
    }

    /// Null if it is missing.
    subscript(name: String) -> JSON { members[name] ?? .null }

    /// An empty object if it is missing.
    func object(_ name: String) throws(UnreadableState) -> JSONObject {
        guard let value = members[name] else { return [:] }
        guard let object = value.objectValue else { throw UnreadableState(member: name, value: value) }
        return object
    }

    func text(_ name: String) throws(UnreadableState) -> String {
        guard let text = self[name].stringValue else { throw UnreadableState(member: name, value: self[name]) }
        return text
    }

    func number(_ name: String) throws(UnreadableState) -> Int { try Self.number(self[name], name) }

    static func number(_ value: JSON, _ name: String) throws(UnreadableState) -> Int {
        guard let number = value.intValue else { throw UnreadableState(member: name, value: value) }
        return number
    }

    func moment(_ name: String) throws(UnreadableState) -> Int64 { Int64(try number(name)) }

    /// nil if it is missing.
    func momentIfAny(_ name: String) throws(UnreadableState) -> Int64? {
        guard members[name] != nil else { return nil }
        return try moment(name)
    }

    /// nil if it is missing.
    func inner<Value>(_ name: String, _ read: (StoredMembers) throws -> Value) throws -> Value? {
        guard let value = members[name] else { return nil }
        return try read(StoredMembers(value, name))
    }

    /// Empty if it is missing.
    func list<Value>(_ name: String, _ read: (JSON) throws -> Value) throws -> [Value] {
        guard let value = members[name] else { return [] }
        guard let elements = value.arrayValue else { throw UnreadableState(member: name, value: value) }
        return try elements.map(read)
    }

    func numbers(_ name: String) throws -> [Int] { try list(name) { try Self.number($0, name) } }

    func inners<Value>(_ name: String, _ read: (StoredMembers) throws -> Value) throws -> [Value] {
        try list(name) { try read(StoredMembers($0, name)) }
    }
}

extension JSON {
    /// An object of those members that are not nil.
    static func stored(_ members: (String, JSON?)...) -> JSON {
        var object = JSONObject()
        for (name, value) in members { if let value { object[name] = value } }
        return .object(object)
    }

    /// nil for null, which a missing member is.
    var unlessNull: JSON? { if case .null = self { nil } else { self } }

    /// nil for an empty list or object, which a missing member is.
    var unlessEmpty: JSON? {
        switch self {
        case .array(let elements): elements.isEmpty ? nil : self
        case .object(let members): members.isEmpty ? nil : self
        case .null, .bool, .number, .string: self
        }
    }
}
