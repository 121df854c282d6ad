import TFDefinition
import TFExpression

/// Fields with options: radio buttons, checkboxes and lists.
extension FormFields {
    func choice(_ field: ChoiceField, _ element: FormElement) -> HTML {
        let other: HTML = field.allowsOther ? otherText(field, element) : .empty
        if field.isMultiple || field.isRadio {
            let type = field.isMultiple ? "checkbox" : "radio"
            return group(element) { id in
                let boxes = field.options.enumerated().map { index, option in
                    box(element, option.value, option.label, type, id, index, hint: option.description)
                }
                return "\(boxes)\(other)"
            }
        }
        let select = single(element) { attributes in
            let first: HTML =
                element.isRequired && !field.initial.isEmpty
                ? .empty : "<option value=\"\">\(element.isRequired ? "Choose…" : "")</option>"
            let options = field.options.map { option -> HTML in
                """
                <option value="\(option.value)"\(when(isChosen(option.value, element), " selected"))>\
                \(option.label)\(option.description.map { d -> HTML in " – \(d)" })</option>
                """
            }
            return #"<select name="\#(name(element))"\#(attributes)>\#(first)\#(options)</select>"#
        }
        return "\(select)\(other)"
    }

    /// The text field for an answer that is not among the options.
    private func otherText(_ field: ChoiceField, _ element: FormElement) -> HTML {
        let id = fieldID(element) + ":other"
        let given = answers[element.id ?? ""] ?? .null
        let texts = (given.arrayValue ?? [given]).compactMap(\.stringValue)
        let other = texts.last { text in !field.options.contains { $0.value == text } }
        return """
            <div class="field"><label for="\(id)"><span class="vh">\(element.label): </span>Something else \
            <span class="soft">(optional)</span></label>\
            <input type="text" id="\(id)" name="\(name(element)).other" value="\(other)" autocomplete="off"></div>
            """
    }

    func isChosen(_ value: String, _ element: FormElement) -> Bool {
        let given = answers[element.id ?? ""] ?? .null
        return given == .string(value) || given.arrayValue?.contains(.string(value)) == true
    }

    func box(
        _ element: FormElement, _ value: String, _ label: String, _ type: String, _ id: String, _ index: Int,
        hint: String? = nil
    ) -> HTML {
        let boxID = index == 0 ? id : "\(id):\(index)"
        let isTicked = isChosen(value, element)
        return """
            <div class="pick"><input type="\(type)" id="\(boxID)" name="\(name(element))" value="\(value)"\
            \(when(isTicked, " checked"))><label for="\(boxID)">\(label)\
            \(hint.map { h -> HTML in "<span class=\"hint\"> – \(h)</span>" })</label></div>
            """
    }

    /// A single checkbox, which is its own label.
    func checkbox(_ element: FormElement) -> HTML {
        let id = fieldID(element)
        let error = errors.first { $0.field == "form.\(element.id ?? "")" }?.message
        let hint = hint(element)
        let attributes = Elements.attributes(id, hasHint: hint != nil, hasError: error != nil)
        return """
            <div class="field\(error == nil ? "" : " fail")">\(Elements.errorText(error, id))<div class="pick">\
            <input type="checkbox" name="\(name(element))" value="true"\
            \(when(answers[element.id ?? ""] == true, " checked"))\(attributes)><label for="\(id)">\(element.label)</label>\
            </div>\(hint.map { h -> HTML in #"<div class="hint" id="\#(id):hint">\#(h)</div>"# })</div>
            """
    }
}
