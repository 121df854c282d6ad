import TFDefinition

/// A form as a page shows it: the labels of its fields, and what stands in them.
struct ShownForm: Sendable {
    struct Field: Sendable {
        /// nil: the page has none.
        var label: String?
        /// What stands in it, as people see it; nil: it is not known.
        var value: String?
        /// What the choices are called, by their values.
        var options: [String: String] = [:]
        /// Whether it takes a day, perhaps with its time.
        var isDay = false
    }

    /// By the controls' names.
    private(set) var fields: [String: Field] = [:]
    /// The names of controls that nobody sees, and that no visible one has, too.
    private(set) var hidden: Set<String> = []

    /// - Parameters:
    ///   - page: the page that has the form.
    ///   - typed: what was sent, which tells the form from others with the same address.
    /// - Returns: nil if the page has no such form.
    init?(_ page: [UInt8], _ typed: TypedForm) {
        let tags = MarkupTag.all(in: page)
        guard let form = typed.form(in: tags) else { return nil }
        var reader = Reader(page: page, tags: tags)
        for index in form { reader.read(index) }
        fields = reader.fields
        hidden = reader.hidden.subtracting(reader.fields.keys)
    }

    /// The form of a definition, with nothing in it.
    init(_ form: Form) {
        fields = [:]
        for (id, element) in form.fields {
            var field = Field(label: element.label)
            switch element.kind {
            case .choice(let choice): for option in choice.options { field.options[option.value] = option.label }
            case .checkboxes(let boxes): for option in boxes.options { field.options[option.value] = option.label }
            case .checkbox: field.options["true"] = "Yes"
            case .date, .datetime: field.isDay = true
            case .markdown, .section, .text, .number, .time, .user, .upload: break
            }
            fields["f.\(id)"] = field
            fields["f.\(id).other"] = Field(label: "\(element.label): other")
        }
    }

    /// What a typed value is called: that of a choice by its label, and a day as people write it.
    func words(_ value: String, of name: String) -> String {
        guard let field = fields[name] else { return value }
        return field.options[value] ?? (field.isDay ? Self.day(value) : value)
    }

    /// A day in words, with the time that was typed behind it.
    private static func day(_ value: String) -> String {
        let parts = value.split(separator: "T", maxSplits: 1)
        guard let day = parts.first.flatMap({ CalendarDate(String($0)) }) else { return value }
        return parts.count > 1 ? "\(day.inWords), \(parts[1])" : day.inWords
    }

    /// Collects the fields, tag by tag.
    private struct Reader {
        let page: [UInt8]
        let tags: [MarkupTag]
        var fields: [String: Field] = [:]
        var hidden: Set<String> = []
        /// The labels that name their control, by its id.
        private var labels: [String: String] = [:]
        private var legend: String?
        private var list: String?

        init(page: [UInt8], tags: [MarkupTag]) {
            self.page = page
            self.tags = tags
        }

        mutating func read(_ index: Int) {
            let tag = tags[index]
            switch tag.name {
            case "label": if let id = tag["for"] { labels[id] = text(from: index, to: "/label") }
            case "legend": legend = text(from: index, to: "/legend")
            case "/fieldset": legend = nil
            case "select": list = tag["name"]
            case "/select": list = nil
            case "option": readOption(tag, index)
            case "textarea":
                let end = MarkupTag.end(of: "textarea", in: page, from: tag.range.upperBound)
                let text = MarkupTag.unescaped(page[tag.range.upperBound..<end])
                note(tag, text.hasPrefix("\n") ? String(text.dropFirst()) : text)
            case "input": readInput(tag, index)
            default: break
            }
            if tag.name == "select" { note(tag, nil) }
        }

        private mutating func readOption(_ tag: MarkupTag, _ index: Int) {
            guard let list else { return }
            let words = text(from: index, to: "/option")
            fields[list, default: Field()].options[tag["value"] ?? words] = words
            if tag["selected"] != nil { fields[list]?.value = words }
        }

        private mutating func readInput(_ tag: MarkupTag, _ index: Int) {
            guard let name = tag["name"] else { return }
            switch tag["type"] ?? "text" {
            case "hidden": hidden.insert(name)
            case "password", "file", "submit": break
            case "radio", "checkbox":
                let title = text(from: index, to: "/label")
                // A box of its own is a question; of several, each is an answer.
                let words = legend == nil ? "Yes" : title
                var field = fields[name] ?? Field()
                field.options[tag["value"] ?? "on"] = words
                field.label = field.label ?? legend ?? title
                if tag["checked"] != nil { field.value = field.value.map { "\($0), \(words)" } ?? words }
                fields[name] = field
            case "date", "datetime-local":
                note(tag, ShownForm.day(tag["value"] ?? ""))
                fields[name]?.isDay = true
            default: note(tag, tag["value"] ?? "")
            }
        }

        private mutating func note(_ tag: MarkupTag, _ value: String?) {
            guard let name = tag["name"] else { return }
            var field = fields[name] ?? Field()
            field.label = field.label ?? tag["id"].flatMap { labels[$0] } ?? tag["aria-label"]
            field.value = value ?? field.value
            fields[name] = field
        }

        /// The words from a tag to an end tag, without what is only for those who listen or says that it is optional.
        private func text(from index: Int, to end: String) -> String {
            var words: [UInt8] = []
            var hidden = 0
            for place in index..<max(index, tags.count - 1) {
                let tag = tags[place]
                if place > index, [end, "input", "label", "/form"].contains(tag.name) { break }
                if tag.name == "span", ["vh", "soft"].contains(tag["class"]) { hidden += 1 }
                if tag.name == "/span", hidden > 0 { hidden -= 1 }
                if hidden == 0 { words += page[tag.range.upperBound..<tags[place + 1].range.lowerBound] }
            }
            return MarkupTag.unescaped(words).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
    }
}
