import Foundation
import Hummingbird
import TFDefinition
import TFExpression

extension RequestFields {
    /// Reads a JSON body.
    /// - Throws: `Failure` for a body of another media type, `Failure.invalid` for invalid fields.
    init(json request: Request, _ rules: FieldRules) async throws {
        let bytes = try await request.bodyBytes()
        if bytes.isEmpty, rules.isOptional {
            self.init(checked: [:])
            return
        }
        guard request.mediaType == "application/json" else {
            throw Failure.unsupportedMediaType("application/json")
        }
        do {
            self.init(checked: try rules.checked(try JSON(parsing: bytes)))
        } catch let error as JSONSyntaxError {
            throw Failure.badRequest("The body is \(error).")
        }
    }

    /// The fields of a request without a body.
    init(nothing rules: FieldRules) {
        precondition(rules.isOptional, "a request without a body cannot have a field that must be there")
        self.init(checked: [:])
    }

    /// Reads a body that a program sends in an HTML form's media type.
    init(form request: Request, _ rules: FieldRules) async throws {
        guard request.mediaType == "application/x-www-form-urlencoded" else {
            throw Failure.unsupportedMediaType("application/x-www-form-urlencoded")
        }
        let form = try PostedForm(try await request.bodyBytes())
        let members = JSONObject(form.fields.map { ($0.name, .string($0.value)) }, uniquingKeysWith: { $1 })
        self.init(checked: try rules.checked(.object(members)))
    }

    /// Reads a page's form, which may have other fields too.
    init(posted form: PostedForm, _ rules: FieldRules) throws {
        var object: JSONObject = [:]
        var missing: [FieldError] = []
        for field in rules.fields where !field.isAnswers {
            if let value = field.member.shape.value(in: form, field.member.name) {
                object[field.member.name] = value
            } else if field.member.isRequired {
                missing.append(
                    FieldError(field: field.member.name, message: field.ask ?? "Fill this in"))
            }
        }
        if rules.fields.contains(where: \.isVersion), Int(form["version"] ?? "").map({ $0 > 0 }) != true {
            throw Failure.invalid([.noVersion])
        }
        let names = Set(missing.map(\.field))
        let errors = Shape.object(rules.fields.map(\.member)).errors(in: .object(object)).filter {
            !names.contains($0.field)
        }
        guard missing.isEmpty, errors.isEmpty else { throw Failure.invalid(missing + errors.map(\.forPeople)) }
        var reader = FieldReader(checked: object, answers: form.answers)
        self.init(&reader)
    }

    /// Reads the query of an operation.
    /// - Throws: `Failure.invalid` for invalid and for unknown parameters.
    init(query request: Request, _ rules: FieldRules) throws {
        var values: JSONObject = [:]
        var errors: [FieldError] = []
        var unknown: [String] = []
        for (key, value) in request.uri.queryParameters {
            let (name, text) = (String(key), String(value))
            guard let member = rules.member(name) else {
                unknown.append(name)
                continue
            }
            guard values[name] == nil else {
                errors.append(FieldError(field: name, message: "\"\(name)\" is there more than once"))
                continue
            }
            let typed = member.shape.value(of: text)
            errors += member.shape.errors(in: typed, at: name)
            values[name] = typed
        }
        for field in rules.fields where field.member.isRequired && values[field.member.name] == nil {
            let name = field.member.name
            errors.append(FieldError(field: name, message: "\"\(name)\" is missing"))
        }
        errors += FieldError.unknown(unknown, among: rules.fields.map(\.member.name)) { name, hint in
            FieldError(field: name, message: "There is no parameter \"\(name)\" here\(hint)")
        }
        guard errors.isEmpty else { throw Failure.invalid(errors.sorted { $0.field < $1.field }) }
        self.init(checked: values)
    }

    /// Reads the query of a page; invalid parameters are passed over, since people edit addresses.
    init(fitting request: Request, _ rules: FieldRules) { self.init(fitting: request.uri.query, rules) }

    /// Reads the query that an address of a page has.
    init(fitting query: String) { self.init(fitting: query, FieldRules(Self.self)) }

    /// - Parameter query: without `?`; nil if the address has none.
    init(fitting query: String?, _ rules: FieldRules) {
        let values = rules.values(ofQuery: query).reduce(into: JSONObject()) { values, field in
            if field.errors.isEmpty { values[field.name] = field.value }
        }
        self.init(checked: values)
    }

    private init(checked object: JSONObject) {
        var reader = FieldReader(checked: object)
        self.init(&reader)
    }
}

extension FieldError {
    /// The same error for people, who know the field by its label.
    fileprivate var forPeople: FieldError {
        let name = "\"\(field)\" "
        guard message.hasPrefix(name) else { return self }
        return FieldError(field: field, message: "\(Self.label(of: field)) \(message.dropFirst(name.count))")
    }

    /// A form's field in words: `f.cost_centre` is `Cost centre`.
    static func label(of name: String) -> String {
        let words = (name.hasPrefix("f.") ? String(name.dropFirst(2)) : name).map { "_-.".contains($0) ? " " : $0 }
        return String(words.prefix(1)).uppercased() + String(words.dropFirst())
    }
}

extension FieldRules {
    /// What a page's query says for the fields that it names, each with what is wrong with it.
    fileprivate func values(ofQuery query: String?) -> [(name: String, value: JSON, errors: [FieldError])] {
        // Browsers write a space as "+".
        guard !fields.isEmpty, let query, let typed = try? PostedForm(Array(query.utf8)) else {
            return []  // no query, or one that cannot be decoded
        }
        return fields.map(\.member).compactMap { member in
            guard let value = member.shape.value(ofQuery: typed, member.name) else { return nil }
            return (member.name, value, member.shape.errors(in: value, at: member.name))
        }
    }

    /// Why parameters of a page's query are not followed: their values are wrong, or the page has no such filter. A page
    /// without filters does not look at its query.
    func passedOver(in query: String?) -> [FieldError] {
        values(ofQuery: query).flatMap(\.errors).map(\.forPeople) + unknown(in: query)
    }

    private func unknown(in query: String?) -> [FieldError] {
        guard !fields.isEmpty, let query, let typed = try? PostedForm(Array(query.utf8)) else { return [] }
        let known = fields.map(\.member.name)
        let strange = typed.fields.map(\.name).filter { !known.contains($0) && $0 != PageSession.parkedName }
        return FieldError.unknown(strange, among: known) { name, hint in
            FieldError(field: name, message: "There is no filter \"\(name)\" here\(hint)")
        }
    }
}

extension FieldRules {
    func member(_ name: String) -> Shape.Member? { fields.first { $0.member.name == name }?.member }

    fileprivate func checked(_ body: JSON) throws -> JSONObject {
        guard case .object(let object) = body else { throw Failure.badRequest("The body must be a JSON object.") }
        if let field = body.pathOfNUL { throw Failure.invalid([.nul(in: field)]) }
        let errors = shape.errors(in: body)
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        return object
    }
}

extension Shape {
    /// A text converted to the shape's type, if it can be; else the text.
    fileprivate func value(of text: String) -> JSON {
        switch self {
        case .integer:
            text.wholeMatch(of: /-?[0-9]{1,18}/) != nil ? Int64(text).map { .int($0) } ?? .string(text) : .string(text)
        case .flag: text == "true" ? true : text == "false" ? false : .string(text)
        case .orNull(let shape), .named(_, let shape): shape.value(of: text)
        case .any, .text, .choice, .list, .object, .open, .map, .either: .string(text)
        }
    }

    /// A parameter of a page's query as JSON; nil if it is missing or empty.
    fileprivate func value(ofQuery query: PostedForm, _ name: String) -> JSON? {
        if case .list = self { return value(in: query, name) }
        return query.text(name).map(value(of:))
    }

    /// A field of a page's form as JSON; nil if it is missing or empty.
    ///
    /// What a form shows and somebody has emptied is not the same as what it does not show: it is null if the type has
    /// null. Boxes of which none is ticked send nothing, so a form with boxes has an empty hidden field of their name.
    fileprivate func value(in form: PostedForm, _ name: String) -> JSON? {
        if case .list = self {
            let sent = form.fields.filter { $0.name == name }.map(\.value)
            return sent.isEmpty ? nil : .strings(sent.filter { !$0.isEmpty })
        }
        guard let text = form[name] else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            if case .orNull = self { return .null }
            return nil
        }
        return value(of: isOneLine ? text.trimmingCharacters(in: .whitespacesAndNewlines) : text)
    }

    /// Whether white space around the text is ignored.
    private var isOneLine: Bool {
        switch self {
        case .text(let rule): rule.limit?.hasLines != true && !rule.isVerbatim
        case .orNull(let shape), .named(_, let shape): shape.isOneLine
        case .any, .integer, .flag, .choice, .list, .object, .open, .map, .either: true
        }
    }
}
