import TFDefinition
import TFExpression

/// Renders a definition's form with answers and errors, the same for tickets and tasks.
///
/// Without JavaScript every conditional field is shown, with its condition in words; the script hides those that the
/// server's answer names.
struct FormFields {
    let form: Form
    let answers: JSONObject
    let errors: [FieldError]
    let surroundings: FormSurroundings
    /// The ways to finish the task, which tell for which of them a field is needed; empty for a ticket's form.
    var outcomes: [Outcome] = []
    /// Distinguishes several forms of a page, whose fields may have the same names.
    var prefix: String?

    var html: HTML {
        let hidden = form.check(answers, surroundings.context).hidden
        return "\(form.elements.enumerated().map { conditional($1, at: $0, isHidden: hidden.contains($0)) })"
    }

    /// Whether the browser must send it as `multipart/form-data`.
    var takesFiles: Bool { !form.uploads.isEmpty }

    private func conditional(_ element: FormElement, at index: Int, isHidden: Bool) -> HTML {
        if let id = element.id, surroundings.unseen.contains(id) { return .empty }
        guard let rule = element.visibleIf else { return self.element(element) }
        // A condition only on the task's input cannot change while somebody types.
        if rule.fields.isEmpty { return isHidden ? .empty : self.element(element) }
        return """
            <div class="conditional" data-place="\(index)"\(when(isHidden, " data-hidden"))>\
            <p class="only">Only if \(rule.words(form)):</p>\(self.element(element))</div>
            """
    }

    private func element(_ element: FormElement) -> HTML {
        switch element.kind {
        case .markdown(let source): return "<div class=\"prose\">\(Markdown.html(source))</div>"
        case .section: return "<h2>\(element.label)</h2>\(hint(element))"
        case .text(let field): return single(element) { attributes in text(field, element, attributes) }
        case .number(let field):
            return single(element, unit: field.unit) { attributes in
                """
                <input type="text" class="num" size="10" inputmode="decimal" autocomplete="off" name="\(name(element))" \
                value="\(value(element))"\(attributes)>
                """
            }
        case .date: return single(element) { attributes in input("date", element, value(element), attributes) }
        case .time: return single(element) { attributes in input("time", element, value(element), attributes) }
        case .datetime:
            return single(element, note: "In \(Words.time(inZone: surroundings.timezone)).") { attributes in
                input("datetime-local", element, localMoment(element), attributes)
            }
        case .choice(let field): return choice(field, element)
        case .checkboxes(let field):
            return group(element) { id in
                "\(field.options.enumerated().map { box(element, $1.value, $1.label, "checkbox", id, $0) })"
            }
        case .checkbox: return checkbox(element)
        case .user(let field): return people(field, element)
        case .upload(let field): return files(field, element)
        }
    }

    private func input(_ type: String, _ element: FormElement, _ value: String, _ attributes: HTML) -> HTML {
        #"<input type="\#(type)" name="\#(name(element))" value="\#(value)"\#(attributes)>"#
    }

    private func text(_ field: TextField, _ element: FormElement, _ attributes: HTML) -> HTML {
        let placeholder: HTML? = field.placeholder.map { #" placeholder="\#($0)""# }
        switch field.style {
        case .area:
            // The browser drops a line break directly after the tag, so one is added.
            return
                "<textarea name=\"\(name(element))\" rows=\"5\"\(placeholder)\(attributes)>\n\(value(element))</textarea>"
        case .line, .email, .url, .tel:
            let type = field.style == .line ? "text" : field.style.rawValue
            // The width tells how long an answer is expected to be.
            let isLong = field.style == .url || field.style == .line && field.maximumLength ?? .max > 60
            let hasForm = field.pattern != nil || field.isNumber
            return """
                <input type="\(type)" name="\(name(element))" value="\(value(element))"\(placeholder)\
                \(when(isLong && !hasForm, " class=\"wide\""))\(attributes)>
                """
        }
    }

    // MARK: Labels and errors

    /// A field with one control and its label.
    func single(
        _ element: FormElement, unit: String? = nil, note: String? = nil, _ control: (HTML) -> HTML
    ) -> HTML {
        let notes = [note, need(element)].compactMap { $0 }
        let hint: HTML? =
            notes.isEmpty ? hint(element) : "\(hint(element))\(notes.map { note -> HTML in "<p>\(note)</p>" })"
        return Elements.field(
            "form.\(element.id ?? "")", label: element.label, hint: hint, isOptional: isOptional(element),
            errors: errors
        ) { attributes in
            unit.map { unit in #"<span class="fix">\#(control(attributes)) \#(unit)</span>"# } ?? control(attributes)
        }
    }

    /// For which ways to finish the task a field is needed; nil: for all, or none.
    private func need(_ element: FormElement) -> String? {
        guard !element.requiredFor.isEmpty else { return nil }
        let labels = element.requiredFor.map { value in outcomes.first { $0.value == value }?.label ?? value }
        return "Needed for \(labels.map { "“\($0)”" }.joined(separator: " and "))."
    }

    /// A field with several controls in a fieldset.
    func group(_ element: FormElement, _ controls: (String) -> HTML) -> HTML {
        let id = fieldID(element)
        let error = errors.first { $0.field == "form.\(element.id ?? "")" }?.message
        let hint = hint(element)
        let described = [hint == nil ? nil : "\(id):hint", error == nil ? nil : "\(id):error"].compactMap { $0 }
        return """
            <fieldset class="field\(error == nil ? "" : " fail")"\
            \(when(!described.isEmpty, " aria-describedby=\"\(described.joined(separator: " "))\""))>\
            <legend>\(element.label)\(when(isOptional(element), " <span class=\"soft\">(optional)</span>"))</legend>\
            \(hint.map { h -> HTML in #"<div class="hint" id="\#(id):hint">\#(h)</div>"# })\
            \(Elements.errorText(error, id))\(controls(id))</fieldset>
            """
    }

    func name(_ element: FormElement) -> String { "f.\(element.id ?? "")" }

    func fieldID(_ element: FormElement) -> String {
        Elements.fieldID("\(prefix.map { $0 + "-" } ?? "")form.\(element.id ?? "")")
    }

    private func value(_ element: FormElement) -> String { answers[element.id ?? ""]?.displayText ?? "" }

    /// A stored moment in the company's time zone, as a person types it; text that is not a moment stays as it was
    /// typed.
    private func localMoment(_ element: FormElement) -> String {
        let text = value(element)
        let offset = surroundings.context.offset
        return TypedMoment(text, offset: offset)?.local(offset: offset) ?? text
    }

    func hint(_ element: FormElement) -> HTML? { element.description.map(Markdown.html) }

    private func isOptional(_ element: FormElement) -> Bool {
        if case .checkboxes(let field) = element.kind, field.options.contains(where: \.isRequired) { return false }
        return !element.isRequired && element.requiredFor.isEmpty
    }
}
