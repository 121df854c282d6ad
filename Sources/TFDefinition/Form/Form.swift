import TFExpression

/// A form: its elements in the order in which they are shown.
package struct Form: Sendable, Hashable {
    package static let maximumElements = 100
    package static let maximumOptions = 500

    package let elements: [FormElement]
    private let places: [String: Int]

    package init(elements: [FormElement]) {
        self.elements = elements
        places = elements.enumerated().reduce(into: [:]) { places, entry in
            if let id = entry.element.id { places[id] = places[id] ?? entry.offset }
        }
    }

    /// The elements that have an answer.
    package var fields: [(id: String, element: FormElement)] { elements.compactMap(\.field) }

    package func field(_ id: String) -> FormElement? { places[id].map { elements[$0] } }

    package var uploads: [(id: String, element: FormElement, field: UploadField)] {
        fields.compactMap { id, element in
            guard case .upload(let field) = element.kind else { return nil }
            return (id, element, field)
        }
    }
}

/// A form is stored as the list of its elements.
extension Form: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(elements: try decoder.singleValueContainer().decode([FormElement].self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(elements)
    }
}

/// Facts about the world that a form needs; all of them are values, so that a check is a pure function.
package struct FormContext: Sendable {
    /// The company's date.
    package let today: CalendarDate
    /// Seconds that the company's time zone is east of UTC, at a moment in seconds since 1970.
    package let offset: @Sendable (Int64) -> Int
    /// The time in seconds since 1970, for `value: now`; nil: such a field starts empty.
    package var now: Int64?
    /// The login of the person who fills the form in, for `value: me`.
    package var me: String?
    /// The login of the person whose ticket it is, for `value: requester`.
    package var requester: String?
    /// A task's outcome, for `required_for`.
    package var outcome: String?
    /// A task's input, for `visible_if`.
    package var input: JSON = .null
    /// The company's members that the texts in `user` fields name, by text.
    package var people: [String: [FormPerson]] = [:]
    /// The uploads that the ids in `upload` fields name and that the person may use, by id.
    package var uploads: [AttachmentID: FormUpload] = [:]

    package init(today: CalendarDate, offset: @escaping @Sendable (Int64) -> Int = { _ in 0 }) {
        self.today = today
        self.offset = offset
    }
}

/// A member of the company.
package struct FormPerson: Sendable, Hashable {
    package let login: String
    package let name: String
    /// Company roles.
    package let roles: Set<String>

    package init(login: String, name: String, roles: Set<String>) {
        self.login = login
        self.name = name
        self.roles = roles
    }
}

/// An uploaded file.
package struct FormUpload: Sendable, Hashable {
    package let id: AttachmentID
    package let name: String
    package let mediaType: String
    /// In bytes.
    package let size: Int

    package init(id: AttachmentID, name: String, mediaType: String, size: Int) {
        self.id = id
        self.name = name
        self.mediaType = mediaType
        self.size = size
    }
}
