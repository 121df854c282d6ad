import TFDefinition

/// Asks whether other definitions may go out of force, before a text is published.
extension DefinitionHarm {
    static let field = "harm"
    /// How many are named, and with how many letters; the others are only counted: a sentence should be read.
    private static let limitNamed = 5
    private static let limitName = 60

    /// The definitions by name: `the workflow “Purchase” and the form “Laptop”`.
    private var words: String {
        var names = definitions.prefix(Self.limitNamed).map {
            "the \($0.kind.word) “\(Words.excerpt($0.shownTitle, limit: Self.limitName))”"
        }
        if definitions.count > names.count { names.append("\(definitions.count - names.count) more") }
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return "\(names.dropLast().joined(separator: ", ")) and \(last)"
    }

    /// What a page says once it is done; nil: nothing went out of force.
    var told: String? {
        guard !definitions.isEmpty else { return nil }
        let sentence = "\(words) \(definitions.count == 1 ? "is" : "are") out of force now."
        return sentence.prefix(1).uppercased() + sentence.dropFirst()
    }

    /// Refuses a form in which the box was not ticked.
    var refusal: FieldError {
        FieldError(
            field: Self.field,
            message: "Nothing was published: it takes \(words) out of force. Tick the box if that is meant")
    }

    /// The box to tick; nothing if nothing goes out of force.
    /// - Parameter accepted: what the form that is shown again confirmed.
    func box(accepted: String?, errors: [FieldError]) -> HTML {
        guard !definitions.isEmpty else { return .empty }
        let id = Elements.fieldID(Self.field)
        let error = errors.first { $0.field == Self.field }?.message
        return """
            <div class="field\(error == nil ? "" : " fail")">\(Elements.errorText(error, id))<div class="pick">\
            <input type="checkbox" name="\(Self.field)" value="\(token)"\(when(accepted == token, " checked"))\
            \(Elements.attributes(id, hasHint: false, hasError: error != nil))>\
            <label for="\(id)">Take \(words) out of force</label></div></div>
            """
    }
}
