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
        try request.demand("application/json")
        do {
            self.init(checked: try rules.checked(try JSON(parsing: bytes, keepsText: true)))
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
        try request.demand("application/x-www-form-urlencoded")
        let form = try PostedForm(try await request.bodyBytes())
        guard form.nulErrors.isEmpty else { throw Failure.invalid(form.nulErrors) }
        let repeated = form.repeatedNames
        guard repeated.isEmpty else {
            throw Failure.invalid(repeated.prefix(FieldError.limit).map(FieldError.repeated))
        }
        let members = JSONObject(form.fields.map { ($0.name, .string($0.value)) }, uniquingKeysWith: { $1 })
        self.init(checked: try rules.checked(.object(members)))
    }

    /// Reads a page's form.
    /// - Parameter isWhole: false for what a page's script sends while somebody types: all that stands in the form, of
    ///   which the question takes what it knows.
    /// - Throws: `Failure.invalid` for invalid, repeated and unknown fields.
    init(posted form: PostedForm, _ rules: FieldRules, isWhole: Bool = true) throws {
        var object: JSONObject = [:]
        var errors: [FieldError] = isWhole ? rules.strangeNames(in: form) : []
        let refused = Set(errors.map(\.field))
        for field in rules.fields where !field.isAnswers && !refused.contains(field.member.name) {
            let (name, shape) = (field.member.name, field.member.shape)
            if let value = shape.value(in: form, name) {
                object[name] = value
                errors += shape.errors(in: value, at: name).prefix(1).map { $0.forPeople(of: field) }
            } else if field.member.isRequired || (field.ask != nil && form[name] != nil) {
                errors.append(FieldError(field: name, message: field.ask ?? "Fill this in"))
            }
        }
        if rules.fields.contains(where: \.isVersion), Int(form["version"] ?? "").map({ $0 > 0 }) != true {
            throw Failure.invalid([.noVersion])
        }
        guard errors.isEmpty else { throw Failure.invalid(errors) }
        var reader = FieldReader(checked: object, answers: form.answers)
        self.init(&reader)
    }

    /// Reads the query of an operation. An empty parameter is none, as a form of a page sends it.
    /// - Throws: `Failure.invalid` for invalid, repeated and unknown parameters.
    init(query request: Request, _ rules: FieldRules) throws {
        var values: JSONObject = [:]
        var errors = request.uri.query.map { PostedForm.query($0).errors } ?? []
        var unknown: [String] = []
        for (key, value) in request.uri.queryParameters {
            let (name, text) = (String(key), String(value))
            guard let member = rules.member(name) else {
                unknown.append(name)
                continue
            }
            guard text.contains(where: { !$0.isWhitespace }) else { continue }
            guard values[name] == nil else {
                errors.append(.repeated(name))
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

    /// Reads the query that an address of a page has; invalid parameters are passed over.
    init(fitting query: String) { self.init(FieldRules(Self.self).read(query)) }

    /// The parameters of a page's query that are followed.
    init(_ query: PageQuery) { self.init(checked: query.values) }

    private init(checked object: JSONObject) {
        var reader = FieldReader(checked: object)
        self.init(&reader)
    }
}

extension FieldError {
    /// The error of a field that is there twice where one value belongs.
    fileprivate static func repeated(_ name: String) -> FieldError {
        FieldError(field: name, message: "\"\(name)\" is there more than once")
    }
}

extension PostedForm {
    /// Checks a form whose fields no type declares. How often an answer may be there, its own check says.
    /// - Throws: `Failure.invalid` if a field is there more than once: nobody knows which of them is meant. The errors
    ///   lead to no field, since some of these are hidden.
    func demandOnce() throws {
        let repeated = repeatedNames.filter { !$0.hasPrefix("f.") }
        guard repeated.isEmpty else {
            throw Failure.invalid(
                repeated.map { FieldError(field: "", message: FieldError.repeated($0).forPeople.message) })
        }
    }
}

extension FieldRules {
    /// The errors of a page's form about names alone: of fields that are there too often, and of those that it does not
    /// have. How often an answer may be there, its own check says.
    fileprivate func strangeNames(in form: PostedForm) -> [FieldError] {
        let own = fields.filter { !$0.isAnswers }
        let hasAnswers = own.count < fields.count
        let (names, lists) = (own.map(\.member.name), Set(own.filter(\.isList).map(\.member.name)))
        // Every form of a page may say from which version it was made, and the router reads the others.
        let known = Set(names + [FieldReader.versionName, PostedForm.key, PostedForm.token])
        let strange = form.fields.map(\.name).filter { name in
            !known.contains(name) && !(hasAnswers && name.hasPrefix("f.") && name.utf8.count > 2)
        }
        let unknown = FieldError.unknown(strange, among: names) { name, hint in
            // No field of the page is wrong, so none is named for a link.
            FieldError(field: "", message: "There is no field “\(name)” here\(hint)")
        }
        let repeated = form.repeatedNames.filter { known.contains($0) && !lists.contains($0) }.map { name in
            let error = FieldError.repeated(name)
            return own.first { $0.member.name == name }.map { error.forPeople(of: $0) } ?? error.forPeople
        }
        return repeated + unknown
    }

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
    func value(of text: String) -> JSON {
        switch self {
        case .integer:
            text.wholeMatch(of: /-?[0-9]{1,18}/) != nil ? Int64(text).map { .int($0) } ?? .string(text) : .string(text)
        case .flag: text == "true" ? true : text == "false" ? false : .string(text)
        case .orNull(let shape), .named(_, let shape): shape.value(of: text)
        case .any, .text, .choice, .list, .object, .open, .map, .either: .string(text)
        }
    }

    /// A field of a page's form as JSON; nil if it is missing or empty.
    ///
    /// What a form shows and somebody has emptied is not the same as what it does not show: it is null if the type has
    /// null. Boxes of which none is ticked send nothing, so a form with boxes has an empty hidden field of their name.
    func value(in form: PostedForm, _ name: String) -> JSON? {
        if case .list(let element, _) = self {
            let sent = form.fields.filter { $0.name == name }.map(\.value)
            return sent.isEmpty ? nil : .array(sent.filter { !$0.isEmpty }.map(element.value(of:)))
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
