import TFDefinition
import TFExpression

/// Fields for people and for files.
extension FormFields {
    func people(_ field: UserField, _ element: FormElement) -> HTML {
        guard let people = surroundings.people[element.id ?? ""] else {
            // Too many people to list: the visitor types a login or name, and the server looks it up.
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

    func files(_ field: UploadField, _ element: FormElement) -> HTML {
        let ids = (answers[element.id ?? ""]?.arrayValue ?? []).compactMap(\.stringValue)
        let kept = ids.compactMap { surroundings.files[AttachmentID($0)] }.map { file -> HTML in
            let id = fieldID(element) + ":file-\(file.id)"
            return """
                <div class="pick"><input type="checkbox" id="\(id)" name="\(name(element))" value="\(file.id)" checked>\
                <label for="\(id)">Keep \(file.name) (\(ByteSize.text(file.size)))</label></div>
                """
        }
        let kinds = field.accept.isEmpty ? "" : " (\(field.acceptInWords))"
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
}
