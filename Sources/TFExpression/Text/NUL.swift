// SQLite's text ends at U+0000: the rest of a title or a name would be lost, and `bob\0x` would be found as `bob`. Text
// from people and programs is refused if it holds one; in text that a workflow computes, U+FFFD replaces it before it
// goes into a column. JSON columns keep it, as `\u0000`.

extension String {
    package var hasNUL: Bool { utf8.contains(0) }

    /// The text with U+FFFD for each U+0000.
    package var withoutNUL: String { escaped { $0 == 0 ? "\u{FFFD}" : nil } }
}

extension JSON {
    /// The path of a text or member's name that holds U+0000, such as `form.system` or `labels.0`; nil if there is
    /// none.
    ///
    /// Without recursion: the value may be nested deeper than the stack allows.
    package var pathOfNUL: String? {
        var waiting: [(value: JSON, path: String)] = [(self, "")]
        while let (value, path) = waiting.popLast() {
            func inner(_ name: String) -> String {
                path.isEmpty ? name : path.utf8.count > 1_000 ? path : "\(path).\(name)"
            }
            switch value {
            case .string(let text): if text.hasNUL { return path }
            case .array(let elements):
                for (index, element) in elements.enumerated().reversed() where element.mayHoldText {
                    waiting.append((element, inner(String(index))))
                }
            case .object(let members):
                for member in members.reversed() {
                    let name = inner(String(member.key))
                    if name.hasNUL { return name.withoutNUL }
                    if member.value.mayHoldText { waiting.append((member.value, name)) }
                }
            case .null, .bool, .number: break
            }
        }
        return nil
    }

    private var mayHoldText: Bool {
        switch self {
        case .string, .array, .object: true
        case .null, .bool, .number: false
        }
    }
}
