import TFExpression

/// The field of an answer, stored beside it, so that an old ticket reads as it was when its form has changed.
package struct AnsweredField: Sendable, Hashable {
    package let id: String
    package let label: String
    package let type: ElementType
    package let audience: [String]
    package let unit: String?
    /// The language of a text that is shown as it is typed, as code.
    package let render: String?
    /// The texts for the answer's values, if they differ from the values: of options, people and files.
    package let labels: [String: String]
}

extension AnsweredField {
    /// A field as `json` gave it; nil for anything else.
    package init?(_ json: JSON) {
        guard let id = json["id"].stringValue, let label = json["label"].stringValue,
            let type = json["type"].stringValue.flatMap({ ElementType(rawValue: $0) })
        else { return nil }
        self.init(
            id: id, label: label, type: type,
            audience: (json["audience"].arrayValue ?? []).compactMap(\.stringValue), unit: json["unit"].stringValue,
            render: json["render"].stringValue,
            labels: (json["labels"].objectValue ?? [:]).reduce(into: [:]) { $0[$1.key] = $1.value.stringValue })
    }

    package var json: JSON {
        var members: JSONObject = [
            "id": .string(id), "label": .string(label), "type": .string(type.rawValue), "audience": .strings(audience),
        ]
        if let unit { members["unit"] = .string(unit) }
        if let render { members["render"] = .string(render) }
        let labels = labels.sorted { $0.key < $1.key }.map { ($0.key, JSON.string($0.value)) }
        members["labels"] = .object(JSONObject(labels, uniquingKeysWith: { $1 }))
        return .object(members)
    }
}

extension Form {
    /// The fields of checked answers, in the form's order.
    package func answered(_ answers: JSONObject, _ context: FormContext) -> [AnsweredField] {
        fields.compactMap { id, element in
            guard let answer = answers[id] else { return nil }
            let unit: String? = if case .number(let field) = element.kind { field.unit } else { nil }
            let render: String? = if case .text(let field) = element.kind { field.render } else { nil }
            return AnsweredField(
                id: id, label: element.label, type: element.type, audience: element.audience, unit: unit,
                render: render,
                labels: element.labels(of: answer, context))
        }
    }
}

extension FormElement {
    fileprivate func labels(of answer: JSON, _ context: FormContext) -> [String: String] {
        (answer.arrayValue ?? [answer]).compactMap(\.stringValue).reduce(into: [:]) { labels, value in
            let label: String? =
                switch kind {
                case .choice, .checkboxes: self.label(of: .string(value))
                case .user: context.people.values.joined().first { $0.login == value }?.name
                case .upload: context.uploads[AttachmentID(value)]?.name
                case .markdown, .section, .text, .number, .date, .time, .datetime, .checkbox: nil
                }
            if let label, label != value { labels[value] = label }
        }
    }
}
