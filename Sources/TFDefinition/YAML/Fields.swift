import TFExpression

/// Reads the members of a mapping by name; problems go to the diagnostics.
///
/// Every reader returns nil for a member that is absent, and for one that was refused.
struct Fields {
    let node: YAMLNode
    private let entries: [String: YAMLNode.Entry]
    /// Keys that misspelt ones were most likely meant to be, and those whose values were refused; these are not reported as
    /// missing too.
    private var misspelt: Set<String> = []

    /// Checks that `node` is a mapping with no other keys than the table's.
    /// - Parameters:
    ///   - what: the mapping in messages; without it, the table's name for it.
    ///   - besides: keys that the caller itself refuses, with a better reason.
    init?(
        _ node: YAMLNode, _ table: KeyTable, what: String? = nil, besides: [String] = [],
        _ diagnostics: inout Diagnostics
    ) {
        let what = what ?? table.what
        guard case .mapping(let entries) = node.content else {
            diagnostics.error("\(what) must be a mapping, not \(node.kindDescription)", at: node.position)
            return nil
        }
        self.node = node
        misspelt = node.refusedKeys
        self.entries = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        for key in table.keys where !key.isRequired {
            guard let entry = self.entries[key.name] else { continue }
            if entry.value.isNull {
                diagnostics.warning("\"\(key.name)\" has no value and no effect", at: entry.keyPosition)
            } else if key.isIgnored {
                diagnostics.warning("\"\(key.name)\" has no effect here", at: entry.keyPosition)
            }
        }
        let known = table.keys.filter { !$0.isIgnored }.map(\.name)
        for entry in entries where !table.names.contains(entry.key) && !besides.contains(entry.key) {
            if let home = table.home(of: entry.key) {
                misspelt.insert(home)
                diagnostics.error("\"\(entry.key)\" belongs in \"\(home)\"", at: entry.keyPosition)
                continue
            }
            let suggestion = diagnostics.isFull ? nil : nearestName(to: entry.key, among: known)
            if let suggestion { misspelt.insert(suggestion) }
            diagnostics.error(
                "unknown key \"\(entry.key)\""
                    + (suggestion == nil ? "; \(what) has \(known.joined(separator: ", "))" : ""),
                at: entry.keyPosition, suggestion: suggestion)
        }
    }

    func has(_ key: String) -> Bool { entries[key] != nil }

    /// Whether an unknown key was most likely meant to be one of these, or one of them was refused: what is missing because
    /// of it is not told too.
    func isMisspelt(_ keys: [String]) -> Bool {
        !misspelt.isDisjoint(with: keys) || misspelt.contains(YAMLNode.mergeKey)
    }

    func position(_ key: String) -> Position { entries[key]?.value.position ?? node.position }

    func keyPosition(_ key: String) -> Position { entries[key]?.keyPosition ?? node.position }

    /// The member as it is, null included.
    func node(_ key: String) -> YAMLNode? { entries[key]?.value }

    /// A member that is present and not null.
    func value(_ key: String) -> YAMLNode? {
        guard let value = entries[key]?.value, !value.isNull else { return nil }
        return value
    }

    /// Any plain scalar is text as it was written.
    func text(_ key: String, _ diagnostics: inout Diagnostics) -> String? {
        guard let value = value(key) else { return nil }
        guard case .scalar(let text, _) = value.content else {
            diagnostics.error("\"\(key)\" must be text, not \(value.kindDescription)", at: value.position)
            return nil
        }
        return text
    }

    func requiredText(_ key: String, of what: String, _ diagnostics: inout Diagnostics) -> String? {
        guard let value = value(key) else {
            need(key, of: what, &diagnostics)
            return nil
        }
        guard let text = text(key, &diagnostics) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            diagnostics.error("\"\(key)\" must not be empty", at: value.position)
            return nil
        }
        return text
    }

    /// Reports a missing key.
    func need(_ key: String, of what: String, _ diagnostics: inout Diagnostics) {
        if isMisspelt([key]) { return }
        diagnostics.error("\(what) needs \"\(key)\"", at: keyPosition(key))
    }

    func flag(_ key: String, _ diagnostics: inout Diagnostics) -> Bool? {
        guard let value = value(key) else { return nil }
        guard let flag = value.json.boolValue else {
            diagnostics.error("\"\(key)\" must be true or false, not \(value.kindDescription)", at: value.position)
            return nil
        }
        return flag
    }

    func number(_ key: String, _ diagnostics: inout Diagnostics) -> Double? {
        guard let value = value(key) else { return nil }
        guard let number = value.json.doubleValue else {
            diagnostics.error("\"\(key)\" must be a number, not \(value.kindDescription)", at: value.position)
            return nil
        }
        return number
    }

    /// - Parameter range: what it may be; nil: anything from 0.
    func count(_ key: String, in range: ClosedRange<Int>? = nil, _ diagnostics: inout Diagnostics) -> Int? {
        guard let value = value(key) else { return nil }
        guard let count = value.json.intValue, (range ?? 0...Int.max).contains(count) else {
            let limits = range.map { "from \($0.lowerBound) to \($0.upperBound)" } ?? "from 0"
            diagnostics.error(
                "\"\(key)\" must be a whole number \(limits), not \(value.kindDescription)", at: value.position)
            return nil
        }
        return count
    }

    func list(_ key: String, _ diagnostics: inout Diagnostics) -> [YAMLNode]? {
        guard let value = value(key) else { return nil }
        guard case .sequence(let elements) = value.content else {
            diagnostics.error("\"\(key)\" must be a list, not \(value.kindDescription)", at: value.position)
            return nil
        }
        return elements
    }

    /// A list of texts or, as GitHub allows, one text with commas in it.
    func texts(_ key: String, _ diagnostics: inout Diagnostics) -> [(text: String, position: Position)] {
        guard let value = value(key) else { return [] }
        if case .scalar(let text, _) = value.content {
            return text.split(separator: ",").map { ($0.description.trimmingSpace(), value.position) }
                .filter { !$0.0.isEmpty }
        }
        let elements = list(key, &diagnostics) ?? []
        if elements.isEmpty, case .sequence = value.content {
            diagnostics.warning("\"\(key)\" is empty and has no effect", at: keyPosition(key))
        }
        return elements.compactMap { element in
            guard case .scalar(let text, _) = element.content, !element.isNull else {
                diagnostics.error(
                    "every entry of \"\(key)\" must be text, not \(element.kindDescription)", at: element.position)
                return nil
            }
            return (text, element.position)
        }
    }

    /// One of the names of a closed set.
    func choice<Value: RawRepresentable & CaseIterable>(
        _ key: String, _ type: Value.Type, _ diagnostics: inout Diagnostics
    ) -> Value? where Value.RawValue == String {
        guard let text = text(key, &diagnostics) else { return nil }
        if let value = Value(rawValue: text) { return value }
        let names = Value.allCases.map(\.rawValue)
        diagnostics.error(
            "\"\(key)\" cannot be \"\(text)\"; it is one of \(names.joined(separator: ", "))", at: position(key),
            suggestion: nearestName(to: text, among: names))
        return nil
    }

    /// Text with `${ }` in it.
    func template(_ key: String, variables: Set<String>, _ diagnostics: inout Diagnostics) -> Template? {
        guard let text = text(key, &diagnostics), let node = value(key) else { return nil }
        do {
            return try Template(text, variables: variables)
        } catch {
            for mistake in error.all {
                diagnostics.error(
                    mistake.reason, at: node.position(ofByte: mistake.offset), suggestion: mistake.suggestion)
            }
            return nil
        }
    }

    /// A text that must be one whole `${ }`.
    func wrappedExpression(_ key: String, variables: Set<String>, _ diagnostics: inout Diagnostics) -> Expression? {
        guard let node = value(key), let text = text(key, &diagnostics) else { return nil }
        guard Expression.unwrapped(text) != nil else {
            diagnostics.error("\"\(key)\" must be an expression: \"${ … }\"", at: node.position)
            return nil
        }
        return node.expression(text, variables: variables, &diagnostics)
    }

    /// A duration such as `30m`, `4h`, `2d` or ISO 8601's `P1DT2H`.
    func duration(_ key: String, _ diagnostics: inout Diagnostics) -> TimeSpan? {
        guard let text = text(key, &diagnostics) else { return nil }
        guard let span = TimeSpan(text) else {
            diagnostics.error(
                TimeSpan.isTooLong(text)
                    ? "\"\(key)\" is longer than a hundred years"
                    : "\"\(key)\" must be a duration such as 30m, 4h, 2d or P1DT2H, not \"\(text)\"", at: position(key))
            return nil
        }
        return span
    }
}

extension YAMLNode {
    /// Compiles a scalar's text, bare or inside `${ }`; its mistakes are reported, each at its position.
    func expression(_ text: String, variables: Set<String>, _ diagnostics: inout Diagnostics) -> Expression? {
        let (code, offset) = Expression.unwrapped(text) ?? (text, 0)
        do {
            return try Expression(code, variables: variables)
        } catch {
            for mistake in error.all {
                let unknown = WorkflowVariable.allCases.first {
                    mistake.reason == "unknown variable \"$\($0.rawValue)\""
                }
                let elsewhere = unknown.flatMap { name in
                    name.onlyPlace.map { "$\(name.rawValue) is known only in \($0)" }
                }
                diagnostics.error(
                    elsewhere ?? mistake.reason, at: position(ofByte: mistake.offset + offset),
                    suggestion: elsewhere == nil ? mistake.suggestion : nil)
            }
            return nil
        }
    }
}
