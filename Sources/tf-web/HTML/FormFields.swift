import TFDefinition
import TFExpression

/// Renders a definition's form with answers and errors, the same for tickets and tasks.
struct FormFields {
    let form: Form
    let answers: JSONObject
    let errors: [FieldError]

    var html: HTML { "\(form.elements.map(element))" }

    private func element(_ element: FormElement) -> HTML {
        switch element.kind {
        case .markdown(let source): return "<div class=\"prose\">\(Markdown.html(source))</div>"
        case .section: return "<h2>\(element.label)</h2>\(hint(element))"
        case .text(let field): return single(element) { attributes in text(field, element, attributes) }
        case .number(let field):
            return single(element, unit: field.unit) { attributes in
                """
                <input type="text" inputmode="decimal" autocomplete="off" name="\(name(element))" \
                value="\(value(element))"\(attributes)>
                """
            }
        case .date:
            return single(element) { attributes in
                #"<input type="date" name="\#(name(element))" value="\#(value(element))"\#(attributes)>"#
            }
        case .choice(let field): return choice(field, element)
        case .checkboxes(let field):
            return group(element) { id in
                "\(field.options.enumerated().map { box(element, $1.value, $1.label, "checkbox", id, $0) })"
            }
        case .checkbox:
            return group(element) { id in "\(box(element, "true", element.label, "checkbox", id, 0))" }
        }
    }

    private func text(_ field: TextField, _ element: FormElement, _ attributes: HTML) -> HTML {
        let placeholder: HTML? = field.placeholder.map { #" placeholder="\#($0)""# }
        switch field.style {
        case .area:
            // A line break right behind the tag would be dropped by the browser, so it is written once more.
            return
                "<textarea name=\"\(name(element))\" rows=\"5\"\(placeholder)\(attributes)>\n\(value(element))</textarea>"
        case .line, .email, .url, .tel:
            let type = field.style == .line ? "text" : field.style.rawValue
            return """
                <input type="\(type)" name="\(name(element))" value="\(value(element))"\(placeholder)\(attributes)>
                """
        }
    }

    private func choice(_ field: ChoiceField, _ element: FormElement) -> HTML {
        if field.isMultiple || field.isRadio {
            let type = field.isMultiple ? "checkbox" : "radio"
            return group(element) { id in
                "\(field.options.enumerated().map { box(element, $1.value, $1.label, type, id, $0) })"
            }
        }
        return single(element) { attributes in
            let first: HTML = element.isRequired && field.initial != nil ? .empty : #"<option value=""></option>"#
            let options = field.options.map { option -> HTML in
                """
                <option value="\(option.value)"\(when(answers[element.id ?? ""] == .string(option.value), " selected"))>\
                \(option.label)</option>
                """
            }
            return #"<select name="\#(name(element))"\#(attributes)>\#(first)\#(options)</select>"#
        }
    }

    /// A field of one control under its label.
    private func single(_ element: FormElement, unit: String? = nil, _ control: (HTML) -> HTML) -> HTML {
        Elements.field(
            "form.\(element.id ?? "")", label: element.label + (unit.map { " (\($0))" } ?? ""), hint: hint(element),
            isOptional: isOptional(element), errors: errors, control: control)
    }

    /// A field of several controls in a fieldset.
    private func group(_ element: FormElement, _ controls: (String) -> HTML) -> HTML {
        let id = Elements.fieldID("form.\(element.id ?? "")")
        let error = errors.first { $0.field == "form.\(element.id ?? "")" }?.message
        let hint = hint(element)
        let described = [hint == nil ? nil : "\(id)-hint", error == nil ? nil : "\(id)-error"].compactMap { $0 }
        return """
            <fieldset class="field\(error == nil ? "" : " wrong")"\
            \(when(!described.isEmpty, " aria-describedby=\"\(described.joined(separator: " "))\""))>\
            <legend>\(element.label)\(when(isOptional(element), " <span class=\"optional\">(optional)</span>"))</legend>\
            \(hint.map { h -> HTML in #"<div class="hint" id="\#(id)-hint">\#(h)</div>"# })\
            \(Elements.errorText(error, id))\(controls(id))</fieldset>
            """
    }

    private func box(
        _ element: FormElement, _ value: String, _ label: String, _ type: String, _ id: String, _ index: Int
    ) -> HTML {
        let boxID = index == 0 ? id : "\(id)-\(index)"
        let given = answers[element.id ?? ""] ?? .null
        let isTicked =
            given == .string(value) || given.arrayValue?.contains(.string(value)) == true
            || (given == true && value == "true")
        return """
            <div class="choice"><input type="\(type)" id="\(boxID)" name="\(name(element))" value="\(value)"\
            \(when(isTicked, " checked"))><label for="\(boxID)">\(label)</label></div>
            """
    }

    private func name(_ element: FormElement) -> String { "f.\(element.id ?? "")" }

    private func value(_ element: FormElement) -> String { answers[element.id ?? ""]?.displayText ?? "" }

    private func hint(_ element: FormElement) -> HTML? { element.description.map(Markdown.html) }

    private func isOptional(_ element: FormElement) -> Bool {
        if case .checkboxes(let field) = element.kind, field.options.contains(where: \.isRequired) { return false }
        return !element.isRequired && element.requiredFor.isEmpty
    }
}

/// Answers as they are read: label and value, in the form's order.
struct AnswerList {
    let form: Form
    let answers: JSON

    var html: HTML {
        let rows = form.fields.compactMap { id, element -> HTML? in
            let answer = answers[id]
            guard answer != .null else { return nil }
            return "<dt>\(element.label)</dt><dd>\(text(element, answer))</dd>"
        }
        return rows.isEmpty ? "<p>No answers.</p>" : "<dl>\(rows)</dl>"
    }

    private func text(_ element: FormElement, _ answer: JSON) -> String {
        switch element.kind {
        case .choice(let field):
            labels(answer) { value in field.options.first { $0.value == value }?.label }
        case .checkboxes(let field):
            labels(answer) { value in field.options.first { $0.value == value }?.label }
        case .checkbox: answer == true ? "Yes" : "No"
        case .number(let field): answer.displayText + (field.unit.map { " \($0)" } ?? "")
        case .markdown, .section, .text, .date: answer.displayText
        }
    }

    private func labels(_ answer: JSON, _ label: (String) -> String?) -> String {
        (answer.arrayValue ?? [answer]).compactMap(\.stringValue).map { label($0) ?? $0 }.joined(separator: ", ")
    }
}
