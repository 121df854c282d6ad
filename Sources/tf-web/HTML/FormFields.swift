import TFDefinition
import TFExpression

/// Renders a definition's form with answers and errors, the same for tickets and tasks.
///
/// Without JavaScript every conditional field shows, with its condition in words; the script hides those that the server
/// says are not asked for.
struct FormFields {
    let form: Form
    let answers: JSONObject
    let errors: [FieldError]
    let surroundings: FormSurroundings

    var html: HTML {
        let hidden = form.check(answers, surroundings.context).hidden
        return "\(form.elements.enumerated().map { conditional($1, at: $0, isHidden: hidden.contains($0)) })"
    }

    /// Whether the browser must send it as `multipart/form-data`.
    var takesFiles: Bool { !form.uploads.isEmpty }

    private func conditional(_ element: FormElement, at place: Int, isHidden: Bool) -> HTML {
        if let id = element.id, surroundings.unseen.contains(id) { return .empty }
        guard let rule = element.visibleIf else { return self.element(element) }
        // What only the task's input decides is decided.
        if rule.fields.isEmpty { return isHidden ? .empty : self.element(element) }
        return """
            <div class="conditional" data-place="\(place)"\(when(isHidden, " data-hidden"))>\
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
                <input type="text" inputmode="decimal" autocomplete="off" name="\(name(element))" \
                value="\(value(element))"\(attributes)>
                """
            }
        case .date: return single(element) { attributes in input("date", element, value(element), attributes) }
        case .time: return single(element) { attributes in input("time", element, value(element), attributes) }
        case .datetime:
            return single(element, note: "In the time zone \(surroundings.timezone).") { attributes in
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

    // MARK: Options

    private func choice(_ field: ChoiceField, _ element: FormElement) -> HTML {
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
            let first: HTML = element.isRequired && field.initial != nil ? .empty : #"<option value=""></option>"#
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

    /// The field for what is none of the options.
    private func otherText(_ field: ChoiceField, _ element: FormElement) -> HTML {
        let id = Elements.fieldID("form.\(element.id ?? "")") + ":other"
        let given = answers[element.id ?? ""] ?? .null
        let texts = (given.arrayValue ?? [given]).compactMap(\.stringValue)
        let other = texts.last { text in !field.options.contains { $0.value == text } }
        return """
            <div class="field"><label for="\(id)"><span class="hidden">\(element.label): </span>Something else \
            <span class="optional">(optional)</span></label>\
            <input type="text" id="\(id)" name="\(name(element)).other" value="\(other)" autocomplete="off"></div>
            """
    }

    private func isChosen(_ value: String, _ element: FormElement) -> Bool {
        let given = answers[element.id ?? ""] ?? .null
        return given == .string(value) || given.arrayValue?.contains(.string(value)) == true
    }

    private func box(
        _ element: FormElement, _ value: String, _ label: String, _ type: String, _ id: String, _ index: Int,
        hint: String? = nil
    ) -> HTML {
        let boxID = index == 0 ? id : "\(id):\(index)"
        let isTicked = isChosen(value, element)
        return """
            <div class="choice"><input type="\(type)" id="\(boxID)" name="\(name(element))" value="\(value)"\
            \(when(isTicked, " checked"))><label for="\(boxID)">\(label)\
            \(hint.map { h -> HTML in "<span class=\"hint\"> – \(h)</span>" })</label></div>
            """
    }

    /// One box is its own label.
    private func checkbox(_ element: FormElement) -> HTML {
        let id = Elements.fieldID("form.\(element.id ?? "")")
        let error = errors.first { $0.field == "form.\(element.id ?? "")" }?.message
        let hint = hint(element)
        let attributes = Elements.attributes(id, hasHint: hint != nil, hasError: error != nil)
        return """
            <div class="field\(error == nil ? "" : " wrong")">\(Elements.errorText(error, id))<div class="choice">\
            <input type="checkbox" name="\(name(element))" value="true"\
            \(when(answers[element.id ?? ""] == true, " checked"))\(attributes)><label for="\(id)">\(element.label)</label>\
            </div>\(hint.map { h -> HTML in #"<div class="hint" id="\#(id):hint">\#(h)</div>"# })</div>
            """
    }

    // MARK: People and files

    private func people(_ field: UserField, _ element: FormElement) -> HTML {
        guard let people = surroundings.people[element.id ?? ""] else {
            // Too many to list: a login or name is typed, and the server finds out who it is.
            let given = answers[element.id ?? ""] ?? .null
            let typed = (given.arrayValue ?? [given]).compactMap(\.stringValue).joined(separator: ", ")
            return single(
                element, note: field.isMultiple ? "Logins or names, with commas between." : "A login or name."
            ) {
                attributes in
                #"<input type="text" name="\#(name(element))" value="\#(typed)" autocomplete="off"\#(attributes)>"#
            }
        }
        if field.isMultiple {
            return group(element) { id in
                "\(people.enumerated().map { box(element, $1.login, Self.text($1), "checkbox", id, $0) })"
            }
        }
        return single(element) { attributes in
            let options = people.map { person -> HTML in
                """
                <option value="\(person.login)"\(when(isChosen(person.login, element), " selected"))>\
                \(Self.text(person))</option>
                """
            }
            return """
                <select name="\(name(element))"\(attributes)><option value=""></option>\(options)</select>
                """
        }
    }

    private static func text(_ person: FormPerson) -> String { "\(person.name) (\(person.login))" }

    private func files(_ field: UploadField, _ element: FormElement) -> HTML {
        let ids = (answers[element.id ?? ""]?.arrayValue ?? []).compactMap(\.stringValue)
        let kept = ids.compactMap { surroundings.files[$0] }.map { file -> HTML in
            let id = Elements.fieldID("form.\(element.id ?? "")") + ":file-\(file.id)"
            return """
                <div class="choice"><input type="checkbox" id="\(id)" name="\(name(element))" value="\(file.id)" checked>\
                <label for="\(id)">Keep \(file.name) (\(ByteSize.text(file.size)))</label></div>
                """
        }
        let kinds = field.accept.isEmpty ? "" : " of the kinds \(field.accept.joined(separator: ", "))"
        let number = field.maximumFiles == 1 ? "One file" : "At most \(field.maximumFiles) files"
        let accept: HTML? =
            field.accept.isEmpty ? nil : #" accept="\#(field.accept.joined(separator: ","))""#
        return single(element, note: "\(number)\(kinds), each of \(ByteSize.text(field.maximumBytes)) or less.") {
            attributes in
            """
            \(kept)<input type="file" name="\(name(element))"\(when(field.maximumFiles > 1, " multiple"))\(accept)\(attributes)>
            """
        }
    }

    // MARK: Around the controls

    /// A field of one control under its label.
    private func single(
        _ element: FormElement, unit: String? = nil, note: String? = nil, _ control: (HTML) -> HTML
    ) -> HTML {
        let hint = hint(element)
        let both: HTML? =
            note == nil ? hint : "\(hint)\(note.map { n -> HTML in "<p>\(n)</p>" })"
        return Elements.field(
            "form.\(element.id ?? "")", label: element.label + (unit.map { " (\($0))" } ?? ""), hint: both,
            isOptional: isOptional(element), errors: errors, control: control)
    }

    /// A field of several controls in a fieldset.
    private func group(_ element: FormElement, _ controls: (String) -> HTML) -> HTML {
        let id = Elements.fieldID("form.\(element.id ?? "")")
        let error = errors.first { $0.field == "form.\(element.id ?? "")" }?.message
        let hint = hint(element)
        let described = [hint == nil ? nil : "\(id):hint", error == nil ? nil : "\(id):error"].compactMap { $0 }
        return """
            <fieldset class="field\(error == nil ? "" : " wrong")"\
            \(when(!described.isEmpty, " aria-describedby=\"\(described.joined(separator: " "))\""))>\
            <legend>\(element.label)\(when(isOptional(element), " <span class=\"optional\">(optional)</span>"))</legend>\
            \(hint.map { h -> HTML in #"<div class="hint" id="\#(id):hint">\#(h)</div>"# })\
            \(Elements.errorText(error, id))\(controls(id))</fieldset>
            """
    }

    private func name(_ element: FormElement) -> String { "f.\(element.id ?? "")" }

    private func value(_ element: FormElement) -> String { answers[element.id ?? ""]?.displayText ?? "" }

    /// A stored moment as it is typed in the company's time zone; what is no moment stays as it was typed.
    private func localMoment(_ element: FormElement) -> String {
        let text = value(element)
        let offset = surroundings.context.offset
        return TypedMoment(text, offset: offset)?.local(offset: offset) ?? text
    }

    private func hint(_ element: FormElement) -> HTML? { element.description.map(Markdown.html) }

    private func isOptional(_ element: FormElement) -> Bool {
        if case .checkboxes(let field) = element.kind, field.options.contains(where: \.isRequired) { return false }
        return !element.isRequired && element.requiredFor.isEmpty
    }
}

/// What a form's page needs beside the form and its answers.
struct FormSurroundings: Sendable {
    /// More people than this are typed, not listed.
    static let mostListedPeople = 100

    let context: FormContext
    /// The company's, by its IANA name.
    let timezone: String
    /// By field: whom a `user` field offers; no entry: too many.
    let people: [String: [FormPerson]]
    /// Files that were sent already, by id.
    let files: [String: FormUpload]
    /// Fields that this person may not see.
    let unseen: Set<String>
}
