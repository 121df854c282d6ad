import TFExpression

extension FormReader {
    /// What an element of a type asks for.
    /// - Parameter isComputed: `value` or `default` is an expression and no literal.
    mutating func kind(
        _ type: ElementType, _ attributes: Fields, _ validations: Fields?, isComputed: Bool,
        _ reader: inout DefinitionReader
    ) -> FormElement.Kind? {
        let values = LiteralValues(attributes, isComputed: isComputed)
        switch type {
        case .markdown, .section: return .section
        case .input: return .text(text(.line, attributes, validations, values, &reader.diagnostics))
        case .textarea: return .text(text(.area, attributes, validations, values, &reader.diagnostics))
        case .email: return .text(text(.email, attributes, validations, values, &reader.diagnostics))
        case .url: return .text(text(.url, attributes, validations, values, &reader.diagnostics))
        case .tel: return .text(text(.tel, attributes, validations, values, &reader.diagnostics))
        case .number: return .number(number(attributes, validations, values, &reader.diagnostics))
        case .date: return .date(date(attributes, validations, values, &reader.diagnostics))
        case .time: return .time(time(attributes, validations, values, &reader.diagnostics))
        case .datetime: return .datetime(datetime(attributes, validations, values, &reader.diagnostics))
        case .dropdown, .radio: return choice(type, attributes, validations, values, &reader.diagnostics)
        case .checkboxes: return checkboxes(attributes, validations, &reader.diagnostics)
        case .checkbox: return .checkbox(value: values.flag("value", &reader.diagnostics) ?? false)
        case .user: return .user(user(attributes, values, &reader))
        case .upload: return .upload(upload(validations, &reader.diagnostics))
        }
    }

    private mutating func text(
        _ style: TextField.Style, _ attributes: Fields, _ validations: Fields?, _ values: LiteralValues,
        _ diagnostics: inout Diagnostics
    ) -> TextField {
        let render = attributes.text("render", &diagnostics)
        if let render, !Self.languages.contains(render.lowercased()) {
            diagnostics.warning(
                "\"render\" names the unknown language \"\(render)\"; the answer is shown as plain text",
                at: attributes.position("render"),
                suggestion: nearestName(to: render.lowercased(), among: Self.languages.sorted()))
        }
        let lengths = bounds("min_length", "max_length", validations, &diagnostics)
        return TextField(
            style: style, placeholder: attributes.text("placeholder", &diagnostics),
            value: values.text("value", &diagnostics), render: render, minimumLength: lengths.minimum,
            maximumLength: lengths.maximum, pattern: pattern(validations, &diagnostics),
            isNumber: validations?.flag("is_number", &diagnostics) ?? false)
    }

    private mutating func pattern(_ validations: Fields?, _ diagnostics: inout Diagnostics) -> FieldPattern? {
        let key = validations?.has("pattern") == true ? "pattern" : "regex"
        let message = validations?.text("pattern_message", &diagnostics)
        guard let validations, let source = validations.text(key, &diagnostics) else {
            if let validations, message != nil {
                diagnostics.error(
                    "\"pattern_message\" needs \"pattern\"", at: validations.keyPosition("pattern_message"))
            }
            return nil
        }
        guard patternSize < Self.maximumPatternSize else {
            diagnostics.error(
                "the patterns of this form are too large together; repeat less, or by * and +",
                at: validations.position(key))
            return nil
        }
        do throws(PatternError) {
            let pattern = try Pattern(source)
            patternSize += pattern.size
            return FieldPattern(pattern: pattern, message: message)
        } catch {
            // RE2 does not tell how far it came; it may have been far.
            patternSize += Self.maximumPatternSize / 2
            diagnostics.error("\"\(key)\" is \(error)", at: validations.position(key))
            return nil
        }
    }

    private func number(
        _ attributes: Fields, _ validations: Fields?, _ values: LiteralValues, _ diagnostics: inout Diagnostics
    ) -> NumberField {
        let minimum = validations?.number("min", &diagnostics)
        let maximum = validations?.number("max", &diagnostics)
        if let minimum, let maximum, minimum > maximum {
            diagnostics.error("\"min\" is above \"max\"", at: validations?.position("min") ?? .start)
        }
        let value = values.number("value", &diagnostics)
        if let value, value < minimum ?? value || value > maximum ?? value {
            let isBelow = value < minimum ?? value
            diagnostics.warning(
                "\"value\" is \(isBelow ? "below \"min\"" : "above \"max\"") and cannot be sent as it stands",
                at: attributes.position("value"))
        }
        let step = attributes.number("step", &diagnostics) ?? validations?.number("step", &diagnostics)
        if let step, step <= 0 {
            let position = attributes.has("step") ? attributes.position("step") : validations?.position("step")
            diagnostics.error("\"step\" must be above 0", at: position ?? .start)
        }
        return NumberField(
            value: value, minimum: minimum, maximum: maximum, step: step,
            unit: attributes.text("unit", &diagnostics))
    }

    private func date(
        _ attributes: Fields, _ validations: Fields?, _ values: LiteralValues, _ diagnostics: inout Diagnostics
    ) -> DateField {
        var value: DateBound?
        if let text = values.text("value", &diagnostics) {
            value = DateBound(text)
            if value == nil {
                diagnostics.error(
                    "\"value\" must be a date such as 2026-11-22, today or today+3d, not \"\(text)\"",
                    at: attributes.position("value"))
            }
        }
        let (notBefore, notAfter) = days(validations, &diagnostics)
        return DateField(value: value, notBefore: notBefore, notAfter: notAfter)
    }

    /// The bounds of a date, the first not behind the second as far as that does not depend on the day.
    private func days(
        _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) -> (notBefore: DateBound?, notAfter: DateBound?) {
        let notBefore = day("not_before", validations, &diagnostics)
        let notAfter = day("not_after", validations, &diagnostics)
        if let notBefore, let notAfter, let validations, notBefore.isFixed == notAfter.isFixed {
            let today = CalendarDate(days: 0)
            if notBefore.resolved(today: today) > notAfter.resolved(today: today) {
                refuseOrder(validations, &diagnostics)
            }
        }
        return (notBefore, notAfter)
    }

    private func refuseOrder(_ validations: Fields, _ diagnostics: inout Diagnostics) {
        diagnostics.error("\"not_before\" is later than \"not_after\"", at: validations.position("not_before"))
    }

    private func day(_ key: String, _ validations: Fields?, _ diagnostics: inout Diagnostics) -> DateBound? {
        guard let text = validations?.text(key, &diagnostics) else { return nil }
        let bound = DateBound(text)
        if bound == nil {
            diagnostics.error(
                "\"\(key)\" must be a date, today or today+3d, not \"\(text)\"",
                at: validations?.position(key) ?? .start)
        }
        return bound
    }

    private func time(
        _ attributes: Fields, _ validations: Fields?, _ values: LiteralValues, _ diagnostics: inout Diagnostics
    ) -> TimeField {
        func clock(_ key: String, _ text: String?) -> TimeOfDay? {
            guard let text else { return nil }
            let time = TimeOfDay(text)
            if time == nil {
                diagnostics.error(
                    "\"\(key)\" must be a time of the day such as 09:30, not \"\(text)\"",
                    at: validations?.position(key) ?? .start)
            }
            return time
        }
        let value = values.text("value", &diagnostics)
        if let value, value != InitialWord.now.rawValue, TimeOfDay(value) == nil {
            diagnostics.error(
                "\"value\" must be a time of the day such as 09:30, or now, not \"\(value)\"",
                at: attributes.position("value"))
        }
        let notBefore = clock("not_before", validations?.text("not_before", &diagnostics))
        let notAfter = clock("not_after", validations?.text("not_after", &diagnostics))
        if let notBefore, let notAfter, let validations, notBefore > notAfter {
            refuseOrder(validations, &diagnostics)
        }
        return TimeField(value: value, notBefore: notBefore, notAfter: notAfter)
    }

    private func datetime(
        _ attributes: Fields, _ validations: Fields?, _ values: LiteralValues, _ diagnostics: inout Diagnostics
    ) -> DateTimeField {
        let value = values.text("value", &diagnostics)
        if let value, value != InitialWord.now.rawValue, TypedMoment(value, offset: { _ in 0 }) == nil {
            diagnostics.error(
                "\"value\" must be a date and time such as 2026-11-22T09:30, or now, not \"\(value)\"",
                at: attributes.position("value"))
        }
        let (notBefore, notAfter) = days(validations, &diagnostics)
        return DateTimeField(value: value, notBefore: notBefore, notAfter: notAfter)
    }

    private func user(
        _ attributes: Fields, _ values: LiteralValues, _ reader: inout DefinitionReader
    ) -> UserField {
        let role = attributes.text("role", &reader.diagnostics)
        if let role { AssignmentRule.refer(toRole: role, at: attributes.position("role"), &reader) }
        return UserField(
            isMultiple: attributes.flag("multiple", &reader.diagnostics) ?? false, role: role,
            value: values.text("value", &reader.diagnostics))
    }

    private func upload(_ validations: Fields?, _ diagnostics: inout Diagnostics) -> UploadField {
        let accept = validations?.texts("accept", &diagnostics) ?? []
        for rule in accept where !rule.text.hasPrefix(".") && !rule.text.contains("/") {
            diagnostics.error(
                "\"accept\" takes endings such as .pdf and media types such as image/*, not \"\(rule.text)\"",
                at: rule.position)
        }
        let files = validations?.count("max_files", in: 1...UploadField.limitFiles, &diagnostics)
        var bytes = UploadField.largestBytes
        if let text = validations?.text("max_size", &diagnostics) {
            if let size = ByteSize.bytes(text), (1...UploadField.largestBytes).contains(size) {
                bytes = size
            } else {
                diagnostics.error(
                    "\"max_size\" must be a size such as 500KB or 10MB, at most 25MB, not \"\(text)\"",
                    at: validations?.position("max_size") ?? .start)
            }
        }
        return UploadField(
            accept: accept.map(\.text), maximumFiles: files ?? UploadField.limitFiles,
            maximumBytes: bytes)
    }

    /// Two whole numbers, the first not above the second.
    func bounds(
        _ low: String, _ high: String, _ validations: Fields?, _ diagnostics: inout Diagnostics
    ) -> (minimum: Int?, maximum: Int?) {
        let minimum = validations?.count(low, &diagnostics)
        let maximum = validations?.count(high, &diagnostics)
        if let minimum, let maximum, minimum > maximum {
            diagnostics.error("\"\(low)\" is above \"\(high)\"", at: validations?.position(low) ?? .start)
        }
        return (minimum, maximum)
    }

    /// Languages that live forms name in `render`, by their common names.
    private static let languages: Set<String> = [
        "bash", "batch", "bibtex", "c", "c#", "c++", "clojure", "cmake", "coffeescript", "console", "cpp", "cs",
        "csharp", "css", "csv", "dart", "diff", "dockerfile", "elixir", "erlang", "fish", "fsharp", "go", "graphql",
        "groovy", "haskell", "hcl", "html", "http", "ini", "java", "javascript", "js", "json", "json5", "jsonc", "jsx",
        "julia", "kotlin", "latex", "less", "log", "lua", "makefile", "markdown", "md", "mermaid", "nginx", "nix",
        "objective-c", "ocaml", "perl", "php", "plain", "plaintext", "powershell", "properties", "protobuf", "ps1",
        "py", "pycon", "python", "python3", "r", "rb", "rs", "ruby", "rust", "sass", "scala", "scss", "sh", "shell",
        "shell-session", "shellsession", "sql", "svelte", "swift", "terraform", "tex", "text", "toml", "ts", "tsx",
        "txt", "typescript", "vb", "vim", "vue", "xml", "yaml", "yml", "zig", "zsh",
    ]
}

/// The members that are literal: none of those that an expression computes.
struct LiteralValues {
    private let fields: Fields
    private let isComputed: Bool

    init(_ fields: Fields, isComputed: Bool) {
        self.fields = fields
        self.isComputed = isComputed
    }

    func node(_ key: String) -> YAMLNode? { isComputed ? nil : fields.value(key) }

    func text(_ key: String, _ diagnostics: inout Diagnostics) -> String? {
        isComputed ? nil : fields.text(key, &diagnostics)
    }

    func number(_ key: String, _ diagnostics: inout Diagnostics) -> Double? {
        isComputed ? nil : fields.number(key, &diagnostics)
    }

    func flag(_ key: String, _ diagnostics: inout Diagnostics) -> Bool? {
        isComputed ? nil : fields.flag(key, &diagnostics)
    }
}
