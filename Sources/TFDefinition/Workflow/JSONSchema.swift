import TFExpression

/// A JSON Schema of the documented subset.
///
/// `type enum const`, `properties required additionalProperties minProperties maxProperties propertyNames`,
/// `items prefixItems minItems maxItems uniqueItems contains`, `minimum maximum exclusiveMinimum exclusiveMaximum
/// multipleOf`, `minLength maxLength pattern`, `allOf anyOf oneOf not`, and the annotations. Anything else is refused
/// when it is read, `$ref` too. Source: JSON Schema 2020-12.
package final class JSONSchema: Sendable {
    /// The schema as it was written.
    package let source: JSON
    private let rules: [Rule]
    /// Whether the schema is `false`, for which nothing is valid.
    private let refusesAll: Bool

    private indirect enum Rule: Sendable {
        case types([String])
        case values([JSON])
        case properties([String: JSONSchema])
        case required([String])
        case additional(JSONSchema, known: Set<String>)
        case names(JSONSchema)
        case count(Bounds, what: String)
        case items(JSONSchema, from: Int)
        case prefix([JSONSchema])
        case contains(JSONSchema)
        case unique
        case range(lower: Double?, upper: Double?, isExclusive: Bool)
        case multiple(Double)
        case pattern(Pattern)
        case all([JSONSchema])
        case any([JSONSchema])
        case one([JSONSchema])
        case not(JSONSchema)
    }

    private struct Bounds: Sendable {
        var least: Int?
        var most: Int?
    }

    private init(source: JSON, rules: [Rule], refusesAll: Bool = false) {
        self.source = source
        self.rules = rules
        self.refusesAll = refusesAll
    }

    // MARK: Validation

    typealias Problem = (pointer: String, reason: String)

    /// What is wrong with a value: a JSON Pointer (empty for the value itself), and the reason; nil if it is valid.
    /// - Parameter fuel: the fuel for the check, reduced by what it takes; below zero if it ran out: then nothing is
    ///   known about the value.
    package func problem(of value: JSON, fuel: inout Int) -> (pointer: String, reason: String)? {
        if refusesAll { return ("", "must not be there") }
        for rule in rules {
            fuel -= 1
            guard fuel >= 0 else { return nil }
            if let problem = problem(rule, value, &fuel) { return problem }
        }
        return nil
    }

    private func isValid(_ value: JSON, _ fuel: inout Int) -> Bool { problem(of: value, fuel: &fuel) == nil }

    private func problem(_ rule: Rule, _ value: JSON, _ fuel: inout Int) -> Problem? {
        switch rule {
        case .types(let types):
            if types.contains(where: { Self.value(value, is: $0) }) { return nil }
            return ("", "must be \(types.joined(separator: " or ")), not \(value.typeName)")
        case .values(let values):
            fuel -= values.count
            if values.contains(where: value.equals) { return nil }
            return (
                "", "must be \(values.count == 1 ? "" : "one of ")\(values.map(\.text).joined(separator: ", "))"
            )
        case .properties(let schemas):
            guard let members = value.objectValue else { return nil }
            for (name, schema) in schemas.sorted(by: { $0.key < $1.key }) {
                fuel -= 1
                if let member = members[name], let problem = schema.problem(of: member, at: name, &fuel) {
                    return problem
                }
            }
            return nil
        case .required(let names):
            guard let members = value.objectValue else { return nil }
            fuel -= names.count
            return names.first { members[$0] == nil }.map { ("", "needs \"\($0)\"") }
        case .additional(let schema, let known):
            let members = value.objectValue ?? [:]
            fuel -= members.count
            for (name, member) in members where !known.contains(name) {
                if let problem = schema.problem(of: member, at: name, &fuel) { return problem }
            }
            return nil
        case .names(let schema):
            for name in (value.objectValue ?? [:]).keys {
                if let problem = schema.problem(of: .string(name), at: name, &fuel) { return problem }
            }
            return nil
        case .count(let bounds, let what):
            guard let count = Self.count(value, what) else { return nil }
            fuel -= count / 64
            if let least = bounds.least, count < least { return ("", "must have at least \(least) \(what)") }
            if let most = bounds.most, count > most { return ("", "must have at most \(most) \(what)") }
            return nil
        case .items(let schema, let start):
            for (index, element) in (value.arrayValue ?? []).enumerated().dropFirst(start) where fuel >= 0 {
                if let problem = schema.problem(of: element, at: "\(index)", &fuel) { return problem }
            }
            return nil
        case .prefix(let schemas):
            for (index, (schema, element)) in zip(schemas, value.arrayValue ?? []).enumerated() {
                if let problem = schema.problem(of: element, at: "\(index)", &fuel) { return problem }
            }
            return nil
        case .contains(let schema):
            guard let elements = value.arrayValue else { return nil }
            for element in elements where fuel >= 0 && schema.isValid(element, &fuel) { return nil }
            return ("", "holds no element of the kind that it must")
        case .unique:
            guard let elements = value.arrayValue else { return nil }
            // Sorting compares each element about log₂ n times.
            fuel -= elements.count * (Int.bitWidth - elements.count.leadingZeroBitCount)
            guard fuel >= 0 else { return nil }
            let sorted = elements.sortedAsJQ()
            return zip(sorted, sorted.dropFirst()).contains { $0.equals($1) }
                ? ("", "must not hold an element twice") : nil
        case .range(let lower, let upper, let isExclusive):
            guard let number = value.doubleValue else { return nil }
            let than = isExclusive ? "" : "or equal to "
            if let lower, isExclusive ? number <= lower : number < lower {
                return ("", "must be greater than \(than)\(JSON.double(lower).text)")
            }
            if let upper, isExclusive ? number >= upper : number > upper {
                return ("", "must be less than \(than)\(JSON.double(upper).text)")
            }
            return nil
        case .multiple(let factor):
            guard let number = value.doubleValue else { return nil }
            let quotient = number / factor
            return abs(quotient - quotient.rounded()) < 1e-9
                ? nil : ("", "must be a multiple of \(JSON.double(factor).text)")
        case .pattern(let pattern):
            guard let text = value.stringValue else { return nil }
            fuel -= pattern.fuel(for: text)
            guard fuel >= 0, pattern.firstMatch(in: Array(text.utf8), from: 0) == nil else { return nil }
            return ("", "must match \(pattern.source)")
        case .all(let schemas):
            for schema in schemas { if let problem = schema.problem(of: value, fuel: &fuel) { return problem } }
            return nil
        case .any(let schemas):
            for schema in schemas where schema.isValid(value, &fuel) { return nil }
            return ("", "fits none of the alternatives")
        case .one(let schemas):
            var count = 0
            for schema in schemas where schema.isValid(value, &fuel) { count += 1 }
            return count == 1 ? nil : ("", "must fit one of the alternatives, and fits \(count)")
        case .not(let schema): return schema.isValid(value, &fuel) ? ("", "is what it must not be") : nil
        }
    }

    /// What is wrong with a part of a value, with its pointer from the whole value.
    private func problem(of part: JSON, at name: @autoclosure () -> String, _ fuel: inout Int) -> Problem? {
        problem(of: part, fuel: &fuel).map { ("/\(name())\($0.pointer)", $0.reason) }
    }

    private static func value(_ value: JSON, is type: String) -> Bool {
        switch type {
        case "integer": value.doubleValue.map { $0 == $0.rounded() } ?? false
        case "boolean": value.boolValue != nil
        default: value.typeName == type
        }
    }

    private static func count(_ value: JSON, _ what: String) -> Int? {
        switch (value, what) {
        case (.string(let text), "characters"): text.unicodeScalars.count
        case (.array(let elements), "elements"): elements.count
        case (.object(let members), "members"): members.count
        default: nil
        }
    }

    // MARK: Reading

    private static let annotations: Set<String> = [
        "$schema", "$id", "$comment", "title", "description", "default", "examples", "format", "deprecated", "readOnly",
        "writeOnly",
    ]
    private static let known: Set<String> = [
        "type", "enum", "const", "properties", "required", "additionalProperties", "minProperties", "maxProperties",
        "propertyNames", "items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains", "minimum",
        "maximum",
        "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern", "allOf", "anyOf",
        "oneOf", "not",
    ]
    private static let types = ["null", "boolean", "object", "array", "number", "integer", "string"]

    static func read(_ node: YAMLNode, _ diagnostics: inout Diagnostics) -> JSONSchema? {
        if let flag = node.json.boolValue { return JSONSchema(source: node.json, rules: [], refusesAll: !flag) }
        guard case .mapping(let entries) = node.content else {
            diagnostics.error(
                "a schema must be a mapping, true or false, not \(node.kindDescription)", at: node.position)
            return nil
        }
        var rules: [Rule] = []
        var isRead = true
        for entry in entries where !annotations.contains(entry.key) {
            guard known.contains(entry.key) else {
                diagnostics.error(
                    "the schema keyword \"\(entry.key)\" is not supported", at: entry.keyPosition,
                    suggestion: nearestName(to: entry.key, among: known.sorted()))
                isRead = false
                continue
            }
            guard let rule = rule(entry, among: entries, &diagnostics) else {
                isRead = false
                continue
            }
            rules.append(rule)
        }
        return isRead ? JSONSchema(source: node.json, rules: rules) : nil
    }

    private static func rule(
        _ entry: YAMLNode.Entry, among entries: [YAMLNode.Entry], _ diagnostics: inout Diagnostics
    ) -> Rule? {
        let node = entry.value
        let value = node.json
        func refuse(_ what: String) -> Rule? {
            diagnostics.error("\"\(entry.key)\" must be \(what), not \(node.kindDescription)", at: node.position)
            return nil
        }
        switch entry.key {
        case "type":
            let names = value.stringValue.map { [$0] } ?? (value.arrayValue ?? []).compactMap(\.stringValue)
            guard !names.isEmpty, names.allSatisfy(types.contains) else { return refuse("one of \(listed(types))") }
            return .types(names)
        case "enum": return value.arrayValue.map(Rule.values) ?? refuse("a list")
        case "const": return .values([value])
        case "required":
            guard let names = value.arrayValue, names.allSatisfy({ $0.stringValue != nil }) else {
                return refuse("a list of names")
            }
            return .required(names.compactMap(\.stringValue))
        case "properties":
            guard case .mapping(let members) = node.content else { return refuse("a mapping") }
            var schemas: [String: JSONSchema] = [:]
            for member in members {
                guard let schema = read(member.value, &diagnostics) else { return nil }
                schemas[member.key] = schema
            }
            return .properties(schemas)
        case "additionalProperties":
            let properties = entries.first { $0.key == "properties" }?.value
            let known: Set<String> =
                if case .mapping(let members)? = properties?.content { Set(members.map(\.key)) } else { [] }
            return read(node, &diagnostics).map { .additional($0, known: known) }
        case "propertyNames": return read(node, &diagnostics).map(Rule.names)
        case "items":
            let prefix = entries.first { $0.key == "prefixItems" }?.value.json.arrayValue?.count ?? 0
            return read(node, &diagnostics).map { .items($0, from: prefix) }
        case "contains": return read(node, &diagnostics).map(Rule.contains)
        case "not": return read(node, &diagnostics).map(Rule.not)
        case "prefixItems", "allOf", "anyOf", "oneOf":
            guard case .sequence(let nodes) = node.content, !nodes.isEmpty else { return refuse("a list of schemas") }
            let schemas = nodes.compactMap { read($0, &diagnostics) }
            guard schemas.count == nodes.count else { return nil }
            switch entry.key {
            case "prefixItems": return .prefix(schemas)
            case "allOf": return .all(schemas)
            case "anyOf": return .any(schemas)
            default: return .one(schemas)
            }
        case "uniqueItems": return value.boolValue.map { $0 ? .unique : .all([]) } ?? refuse("true or false")
        case "pattern":
            guard let source = value.stringValue else { return refuse("text") }
            do { return .pattern(try Pattern(source)) } catch {
                diagnostics.error("the pattern cannot be used: \(error.reason)", at: node.position)
                return nil
            }
        case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
            guard let count = value.intValue, count >= 0 else { return refuse("a whole number from 0") }
            let what =
                entry.key.hasSuffix("Length") ? "characters" : entry.key.hasSuffix("Items") ? "elements" : "members"
            return .count(entry.key.hasPrefix("min") ? Bounds(least: count) : Bounds(most: count), what: what)
        default:
            guard let number = value.doubleValue else { return refuse("a number") }
            switch entry.key {
            case "minimum": return .range(lower: number, upper: nil, isExclusive: false)
            case "maximum": return .range(lower: nil, upper: number, isExclusive: false)
            case "exclusiveMinimum": return .range(lower: number, upper: nil, isExclusive: true)
            case "exclusiveMaximum": return .range(lower: nil, upper: number, isExclusive: true)
            default: return number > 0 ? .multiple(number) : refuse("a number above 0")
            }
        }
    }
}

extension JSONSchema: Hashable {
    package static func == (left: JSONSchema, right: JSONSchema) -> Bool { left.source == right.source }

    package func hash(into hasher: inout Hasher) { hasher.combine(source) }
}

/// A schema is stored as it was written, and read again.
extension JSONSchema: Codable {
    package convenience init(from decoder: any Decoder) throws {
        let source = try decoder.singleValueContainer().decode(JSON.self)
        var diagnostics = Diagnostics(file: "")
        guard let schema = Self.read(YAMLNode(source), &diagnostics) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "a schema that is not supported"))
        }
        self.init(source: source, rules: schema.rules, refusesAll: schema.refusesAll)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(source)
    }
}

extension YAMLNode {
    /// A JSON value as a node without a position.
    package init(_ value: JSON) {
        switch value {
        case .string(let text): self.init(content: .scalar(text, isPlain: false), position: .start)
        case .null, .bool, .number: self.init(content: .scalar(value.text, isPlain: true), position: .start)
        case .array(let elements): self.init(content: .sequence(elements.map { YAMLNode($0) }), position: .start)
        case .object(let members):
            self.init(
                content: .mapping(
                    members.map { Entry(key: $0.key, keyPosition: .start, value: YAMLNode($0.value)) }),
                position: .start)
        }
    }
}
