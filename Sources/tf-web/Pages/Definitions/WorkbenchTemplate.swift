import TFDefinition

/// A text to start from.
struct WorkbenchTemplate: Sendable, Hashable {
    let slug: String
    let title: String
    private let text: String

    init(_ slug: String, _ title: String, _ text: String) {
        self.slug = slug
        self.title = title
        self.text = text
    }

    /// The texts with which one starts, with what they are for.
    static let all: [(slug: String, title: String)] = [
        ("approval", "Approval"), ("purchase", "Purchase"), ("incident", "Incident"),
        (form.slug, "A form by itself"), (empty.slug, "An empty text"),
    ]

    /// Every text of every template.
    static let parts: [WorkbenchTemplate] = sets.flatMap(\.self) + [form, empty]

    private static let sets = [approval, purchase, incident]
    private static let form = WorkbenchTemplate("form", "Form", firstForm)
    private static let empty = WorkbenchTemplate("empty", "Empty", "")

    /// The smallest form that is of use.
    static let firstForm = """
        # Somebody who works on tasks gets each ticket.
        ticket: broken-thing
        name: Something is broken
        description: Tell us what and where.
        body:
          - type: textarea
            attributes: { label: What happened? }
            validations: { required: true }

        """

    /// The texts that belong together, this one among them.
    var set: [WorkbenchTemplate] {
        Self.sets.first { $0.contains(self) } ?? [self]
    }

    /// The text for a company.
    func source(in company: String) -> String { text.replacing("COMPANY", with: company) }
}
