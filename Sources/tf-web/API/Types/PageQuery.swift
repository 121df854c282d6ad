import Foundation
import TFDefinition
import TFExpression
import TFStore

/// The query of a page as far as it is followed: people edit addresses, and old links have what is not known any more.
struct PageQuery {
    let values: JSONObject
    /// Why the other parameters are not followed: their values are wrong, they stand there twice, or the page has no
    /// such filter.
    let passedOver: [FieldError]
}

extension FieldRules {
    /// Reads a page's query.
    /// - Parameter query: without `?`; nil if the address has none.
    func read(_ query: String?) -> PageQuery {
        guard let query, !query.isEmpty else { return PageQuery(values: [:], passedOver: []) }
        let (sent, unreadable) = PostedForm.query(query)
        var (values, errors): (JSONObject, [FieldError]) = ([:], unreadable)
        for member in fields.map(\.member) {
            guard let (value, isRepeated) = member.shape.value(ofQuery: sent, member.name) else { continue }
            if isRepeated {
                errors.append(
                    FieldError(
                        field: member.name,
                        message: "\"\(member.name)\" is there more than once; only the last one is followed"))
            }
            let wrong = member.shape.errors(in: value, at: member.name)
            if wrong.isEmpty { values[member.name] = value }
            errors += member.inVain(value.stringValue) ?? wrong
        }
        return PageQuery(values: values, passedOver: (errors.map(\.forPeople) + unknown(in: sent)).uniqued)
    }

    private func unknown(in sent: PostedForm) -> [FieldError] {
        let known = fields.map(\.member.name)
        let strange = sent.fields.map(\.name).filter { !known.contains($0) && $0 != PageSession.parkedName }
        return FieldError.unknown(strange, among: known) { name, hint in
            FieldError(field: name, message: "There is no filter “\(name)” here\(hint)")
        }
    }
}

extension Shape {
    /// A parameter of a page's query as JSON; nil if it is missing or empty. A form sends its empty fields too.
    fileprivate func value(ofQuery query: PostedForm, _ name: String) -> (value: JSON, isRepeated: Bool)? {
        if case .list = self { return value(in: query, name).map { ($0, false) } }
        let given = query.fields.filter { $0.name == name }
            .map { $0.value.trimmingCharacters(in: .whitespacesAndNewlines) }.filter { !$0.isEmpty }
        return given.last.map { (value(of: $0), given.count > 1) }
    }
}

extension Shape.Member {
    /// The error of a value that is none of this parameter's, where its own words would say nothing to people; nil: they
    /// are plain, or the value is right.
    fileprivate func inVain(_ value: String?) -> [FieldError]? {
        guard let value, !shape.errors(in: .string(value), at: name).isEmpty else { return nil }
        if FieldError.cursors.contains(name) { return [.lostCursor(name, value)] }
        let words: [String]
        switch shape {
        case .choice(let choice), .named(_, .choice(let choice)): words = choice
        case .any, .text, .integer, .flag, .list, .object, .open, .map, .orNull, .either, .named: return nil
        }
        guard words.contains(where: { $0.contains { !$0.isLowercase && $0 != "-" } }) else { return nil }
        let kind = FieldError.label(of: name).lowercased()
        return [FieldError(field: name, message: "There is no \(kind) “\(value.prefix(100))” here")]
    }
}

extension [FieldError] {
    /// Each error once.
    fileprivate var uniqued: [FieldError] {
        reduce(into: []) { errors, error in if !errors.contains(error) { errors.append(error) } }
    }
}

extension FieldError {
    /// The parameters that say where in its list a page begins or ends.
    fileprivate static let cursors = ["after", "before"]

    /// The error of a cursor that no page of a list gave.
    static func lostCursor(_ name: String, _ place: String) -> FieldError {
        FieldError(
            field: name,
            message: "There is no place “\(place.prefix(100))” in this list; without it the list begins at its start")
    }

    /// The error of a cursor that no page of this list gave, or one of another order; none if it can be read.
    static func lostCursor(
        _ after: String?, _ before: String?, reading: (String) throws(CursorError) -> Void
    ) -> [FieldError] {
        guard let cursor = before ?? after else { return [] }
        let name = before == nil ? "after" : "before"
        do { try reading(cursor) } catch {
            switch error {
            case .unknown: return [lostCursor(name, cursor)]
            case .ofOtherOrder:
                let message = "The place is one in another order: this list begins at its start"
                return [FieldError(field: name, message: message)]
            }
        }
        return []
    }

    /// The same error for people, who know the field by its label.
    var forPeople: FieldError {
        let name = "\"\(field)\" "
        if self == .nul(in: field) { return ofUnseenCharacter() }
        guard message.hasPrefix(name) else { return self }
        return FieldError(field: field, message: "\(Self.label(of: field)) \(message.dropFirst(name.count))")
    }

    /// The same for people who see a field of a form: of one of its values, it is the field's.
    func forPeople(of field: FieldReader.Field) -> FieldError {
        let (name, label) = (field.member.name, field.label)
        let isWhole = self.field == name
        guard label != nil || !isWhole, message.hasPrefix("\"\(self.field)\" "), self != .nul(in: self.field) else {
            return forPeople
        }
        return FieldError(
            field: name, message: "\(label ?? Self.label(of: name)) \(message.dropFirst(self.field.count + 3))")
    }

    /// A form's field in words, as its label has it: `form.cost_centre` is `Cost centre`.
    static func label(of name: String) -> String {
        if let label = labels[name] { return label }
        let prefix = ["f.", "form."].first { name.hasPrefix($0) } ?? ""
        let words = name.dropFirst(prefix.count).map { "_-.".contains($0) ? " " : $0 }
        return String(words.prefix(1)).uppercased() + String(words.dropFirst())
    }

    /// The labels of the fields whose names are not their labels.
    private static let labels = [
        "counting": "What counts here", "duplicate_of": "The other ticket’s number", "email": "E-mail",
        "keys": "Single-letter keys", "login": "User name", "new": "The new password", "newest": "The last one shown",
        "otp": "The code", "output": "The output", "q": "The search", "slug": "Short name", "source": "The definition",
        "timezone": "Time zone",
    ]
}
