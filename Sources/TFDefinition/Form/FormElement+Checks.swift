import TFExpression

/// Checks of answers, with the messages that people read.
struct Refusal: Error {
    let message: String
}

extension FormElement {
    /// The limit of every text, whatever its field allows.
    static let maximumTextBytes = 65_536

    /// The fuel for checking an answer, beyond looking at it once.
    func fuel(for given: JSON) -> Int {
        let values = given.arrayValue?.count ?? 1
        switch kind {
        case .text(let field):
            guard let pattern = field.pattern?.pattern, let text = given.stringValue,
                text.utf8.count <= Self.maximumTextBytes
            else { return 1 }
            return pattern.fuel(for: text)
        case .choice(let field): return 1 + values * (field.options.count + 15) / 16
        case .checkboxes(let field): return 1 + values * (field.options.count + 15) / 16
        case .markdown, .section, .number, .date, .time, .datetime, .checkbox, .user, .upload: return 1
        }
    }

    /// - Returns: the answer to store; nil if there is none.
    func checked(_ given: JSON, _ context: FormContext) throws(Refusal) -> JSON? {
        let isRequired = isRequired || context.outcome.map(requiredFor.contains) ?? false
        switch kind {
        case .markdown, .section: return nil
        case .text(let field): return try text(field, given, isRequired)
        case .number(let field): return try number(field, given, isRequired)
        case .date(let field): return try date(field, given, isRequired, context)
        case .time(let field): return try time(field, given, isRequired)
        case .datetime(let field): return try datetime(field, given, isRequired, context)
        case .choice(let field):
            return field.isMultiple ? try several(field, given, isRequired) : try one(field, given, isRequired)
        case .checkboxes(let field): return try boxes(field, given, isRequired)
        case .checkbox:
            guard given == .null || given.boolValue != nil else { throw refusal("must be true or false") }
            if isRequired, given != true { throw Refusal(message: "Tick \(quotedLabel)") }
            return .bool(given == true)
        case .user(let field): return try people(field, given, isRequired, context)
        case .upload(let field): return try files(field, given, isRequired, context)
        }
    }

    // MARK: Typed text

    private func text(_ field: TextField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        guard given == .null || given.stringValue != nil else { throw refusal("must be one text") }
        let isArea = field.style == .area
        let typed = given.stringValue ?? ""
        // Texts are stored byte by byte; only around addresses is space removed.
        let text = field.style == .email || field.style == .url ? typed.trimmingSpace() : typed
        guard !text.isBlank else {
            if isRequired { throw Refusal(message: "Fill in \(quotedLabel)") }
            return nil
        }
        guard text.utf8.count <= Self.maximumTextBytes else {
            throw refusal("must be \(ByteSize.text(Self.maximumTextBytes)) or less")
        }
        guard isArea || !text.contains(where: \.isNewline) else { throw refusal("must be one line") }
        if let minimum = field.minimumLength, text.unicodeScalars.count < minimum {
            throw refusal("must be \(minimum) characters or more")
        }
        if let maximum = field.maximumLength, let problem = TextLimit(characters: maximum).problem(text) {
            throw refusal(problem)
        }
        if field.isNumber, !Self.isNumber(text) { throw refusal("must be a number, like 289.50") }
        if let pattern = field.pattern, !pattern.pattern.matchesAll(of: text) {
            throw pattern.message.map(Refusal.init) ?? refusal("must match \(pattern.pattern.source)")
        }
        switch field.style {
        case .email where !EmailAddress.isValid(text): throw refusal("must be an email address, like name@example.com")
        case .url where !WebAddress.isValid(text): throw refusal("must be a web address, like https://example.com")
        case .tel where !Self.isTelephone(text): throw refusal("must be a telephone number, like +49 30 1234567")
        case .line, .area, .email, .url, .tel: return .string(text)
        }
    }

    private func number(_ field: NumberField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        if given == .null || given.stringValue?.isBlank == true {
            if isRequired { throw Refusal(message: "Fill in \(quotedLabel)") }
            return nil
        }
        guard let value = given.doubleValue else {
            let clearer = given.stringValue.flatMap { field.clearer(than: $0) }
            throw refusal(clearer.map { "can be read in two ways: \($0)" } ?? "must be a number, like 289.50")
        }
        if let minimum = field.minimum, value < minimum {
            throw refusal("must be \(JSONNumber(minimum).text) or more")
        }
        if let maximum = field.maximum, value > maximum {
            throw refusal("must be \(JSONNumber(maximum).text) or less")
        }
        if let step = field.step, step > 0 {
            let steps = (value - (field.minimum ?? 0)) / step
            guard abs(steps - steps.rounded()) < 1e-9 * max(1, abs(steps)) else {
                let isFromWhole = field.minimum.map { $0 == $0.rounded() } ?? true
                let decimals = isFromWhole ? [0.1, 0.01, 0.001].firstIndex(of: step).map { $0 + 1 } : nil
                throw refusal(
                    decimals.map { "must have at most \($0) digit\($0 == 1 ? "" : "s") behind the point" }
                        ?? "must go in steps of \(JSONNumber(step).text)")
            }
        }
        return given
    }

    /// The text of a date, time or moment; nil for none.
    private func typed(_ given: JSON, _ isRequired: Bool, _ rule: String) throws(Refusal) -> String? {
        guard given == .null || given.stringValue != nil else { throw refusal(rule) }
        let text = (given.stringValue ?? "").trimmingSpace()
        if text.isEmpty, isRequired { throw Refusal(message: "Fill in \(quotedLabel)") }
        return text.isEmpty ? nil : text
    }

    private func date(
        _ field: DateField, _ given: JSON, _ isRequired: Bool, _ context: FormContext
    ) throws(Refusal) -> JSON? {
        let rule = "must be a date, like \(context.today)"
        guard let text = try typed(given, isRequired, rule) else { return nil }
        guard let date = CalendarDate(text) else { throw refusal(rule) }
        try check(date, field.notBefore, field.notAfter, context)
        return .string(text)
    }

    private func check(
        _ date: CalendarDate, _ notBefore: DateBound?, _ notAfter: DateBound?, _ context: FormContext
    ) throws(Refusal) {
        if let bound = notBefore?.resolved(today: context.today), date < bound {
            throw refusal("must be \(bound.inWords) or later")
        }
        if let bound = notAfter?.resolved(today: context.today), bound < date {
            throw refusal("must be \(bound.inWords) or earlier")
        }
    }

    private func time(_ field: TimeField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        let rule = "must be a time, like 09:30"
        guard let text = try typed(given, isRequired, rule) else { return nil }
        guard let time = TimeOfDay(text) else { throw refusal(rule) }
        if let bound = field.notBefore, time < bound { throw refusal("must be \(bound) or later") }
        if let bound = field.notAfter, bound < time { throw refusal("must be \(bound) or earlier") }
        return .string(time.description)
    }

    private func datetime(
        _ field: DateTimeField, _ given: JSON, _ isRequired: Bool, _ context: FormContext
    ) throws(Refusal) -> JSON? {
        let rule = "must be a date and time, like \(context.today)T09:30"
        guard let text = try typed(given, isRequired, rule) else { return nil }
        guard let moment = TypedMoment(text, offset: context.offset) else { throw refusal(rule) }
        let day = CalendarDate(secondsSince1970: moment.seconds, offset: context.offset(moment.seconds))
        try check(day, field.notBefore, field.notAfter, context)
        return .string(moment.utc)
    }

    // MARK: Options

    private func one(_ field: ChoiceField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        if given == .null || given.stringValue?.isBlank == true {
            if isRequired { throw Refusal(message: "Choose an answer for \(quotedLabel)") }
            return nil
        }
        let isSeveral = given.arrayValue.map { $0.count > 1 } ?? false
        // A page sends both as a list.
        if isSeveral, field.allowsOther {
            throw Refusal(message: "Choose one option of \(label) or write another, not both")
        }
        if isSeveral { throw refusal("takes one option") }
        return .string(try option(try oneText(given), of: field))
    }

    private func option(_ value: String, of field: ChoiceField) throws(Refusal) -> String {
        // Browsers and clients may change line ends; options have LF.
        let folded = value.foldingLineEnds
        if let option = field.options.first(where: { $0.value == folded }) { return option.value }
        guard field.allowsOther else { throw refusal("has no option \"\(value.prefix(scalars: 100))\"") }
        let other = value.trimmingSpace()
        let limit = TextLimit.otherOption
        guard limit.holds(other), !other.contains(where: \.isNewline) else {
            throw refusal("must be one line of \(limit.characters) characters or fewer")
        }
        return other
    }

    private func several(_ field: ChoiceField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        var chosen: [String] = []
        var known: Set<String> = []
        for value in try strings(given) {
            let option = try option(value, of: field)
            if known.insert(option).inserted { chosen.append(option) }
        }
        if isRequired, chosen.isEmpty { throw Refusal(message: "Choose an answer for \(quotedLabel)") }
        try count(chosen.count, field.minimumSelected, field.maximumSelected, isRequired, "option")
        let values = field.options.map(\.value)
        let offered = Set(values)
        return chosen.isEmpty ? nil : .strings(values.filter(known.contains) + chosen.filter { !offered.contains($0) })
    }

    private func boxes(_ field: CheckboxesField, _ given: JSON, _ isRequired: Bool) throws(Refusal) -> JSON? {
        let ticked = Set(try strings(given).map(\.foldingLineEnds))
        for value in ticked.sorted() where !field.options.contains(where: { $0.value == value }) {
            throw refusal("has no option \"\(value.prefix(100))\"")
        }
        for option in field.options where option.isRequired && !ticked.contains(option.value) {
            throw Refusal(message: "Tick “\(option.label)”")
        }
        if isRequired, ticked.isEmpty { throw Refusal(message: "Choose an answer for \(quotedLabel)") }
        try count(ticked.count, field.minimumSelected, field.maximumSelected, isRequired, "option")
        return ticked.isEmpty ? nil : .strings(field.options.map(\.value).filter(ticked.contains))
    }

    private func count(
        _ count: Int, _ minimum: Int?, _ maximum: Int?, _ isRequired: Bool, _ noun: String
    ) throws(Refusal) {
        func words(_ number: Int) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
        if let minimum, count < minimum, count > 0 || isRequired { throw refusal("needs \(words(minimum)) or more") }
        if let maximum, count > maximum { throw refusal("takes \(words(maximum)) or fewer") }
    }

    // MARK: People and files

    private func people(
        _ field: UserField, _ given: JSON, _ isRequired: Bool, _ context: FormContext
    ) throws(Refusal) -> JSON? {
        if field.isMultiple { _ = try strings(given) } else if given != .null { _ = try oneText(given) }
        var logins: [String] = []
        let typed = field.typed(given)
        try checkLength(typed.count)
        for text in typed {
            let login = try person(text, field, context)
            if !logins.contains(login) { logins.append(login) }
        }
        if logins.isEmpty {
            if isRequired { throw Refusal(message: "Choose somebody for \(quotedLabel)") }
            return nil
        }
        return field.isMultiple ? .strings(logins) : .string(logins[0])
    }

    private func person(_ text: String, _ field: UserField, _ context: FormContext) throws(Refusal) -> String {
        let matches = context.people[text] ?? []
        guard let match = matches.first(where: { $0.login == text }) ?? matches.first else {
            throw refusal("names nobody of this company: \"\(text.prefix(100))\"")
        }
        guard matches.count == 1 || match.login == text else {
            let logins = matches.map(\.login).sorted().joined(separator: ", ")
            throw refusal("names several people: \"\(text.prefix(100))\"; write one of \(logins)")
        }
        if let role = field.role, !match.roles.contains(role) {
            throw refusal("must be somebody with the role \(role); \(match.name) does not have it")
        }
        return match.login
    }

    private func files(
        _ field: UploadField, _ given: JSON, _ isRequired: Bool, _ context: FormContext
    ) throws(Refusal) -> JSON? {
        let ids = try strings(given)
        if ids.isEmpty {
            if isRequired { throw Refusal(message: "Choose a file for \(quotedLabel)") }
            return nil
        }
        try count(ids.count, nil, field.maximumFiles, isRequired, "file")
        for id in ids {
            guard let file = context.uploads[AttachmentID(id)] else {
                throw refusal("names a file that is not there any more; choose it again")
            }
            guard file.size <= field.maximumBytes else {
                throw refusal("takes files of \(ByteSize.text(field.maximumBytes)) or less; \(file.name) is larger")
            }
            guard field.accepts(name: file.name, mediaType: file.mediaType) else {
                throw refusal("takes \(field.acceptInWords); \(file.name) is none of these")
            }
        }
        return .strings(ids)
    }

    // MARK: Shared

    /// The texts of a list, none of which is there twice, as the form's JSON Schema has it.
    func strings(_ given: JSON) throws(Refusal) -> [String] {
        if given == .null || given == "" { return [] }
        try checkLength(given.arrayValue?.count ?? 0)
        let values = given.arrayValue?.compactMap(\.stringValue)
        guard let values, values.count == given.arrayValue?.count else { throw refusal("takes a list of texts") }
        var known: Set<String> = []
        for value in values where !known.insert(value).inserted && !value.isEmpty {
            throw refusal("has \"\(value.prefix(scalars: 100))\" more than once")
        }
        return values.filter { !$0.isEmpty }
    }

    func oneText(_ given: JSON) throws(Refusal) -> String {
        guard let text = given.stringValue else { throw refusal("must be one text") }
        return text
    }

    /// The longest list that any answer may be, whatever the field allows.
    private func checkLength(_ count: Int) throws(Refusal) {
        guard count <= FieldError.memberLimit else { throw refusal("takes at most \(FieldError.memberLimit) values") }
    }

    func refusal(_ rule: String) -> Refusal {
        Refusal(message: "\(FieldError.subject(label)) \(rule)")
    }

    /// The label in a sentence, whatever it is: a noun, a question or a request.
    private var quotedLabel: String { "“\(label)”" }

    /// Reads a number in JSON's notation, with or without spaces around it.
    private static func isNumber(_ text: String) -> Bool {
        guard case .number(let number)? = try? JSON(parsing: text.trimmingSpace()) else { return false }
        return number.value.isFinite
    }

    /// Whether a text looks like a telephone number: digits, separators, and letters only in an extension.
    private static func isTelephone(_ text: String) -> Bool {
        text.contains(where: \.isNumber) && TextLimit.telephone.holds(text)
            && text.allSatisfy { $0.isASCII && ($0.isNumber || " +-()./#*,;=".contains($0) || $0.isLetter) }
    }
}
