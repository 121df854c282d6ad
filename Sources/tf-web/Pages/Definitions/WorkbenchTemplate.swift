import TFDefinition
import TFStore

/// A text to start from. Where it says COMPANY and NUMBER, a company's text has the company's name and `number`.
struct WorkbenchTemplate: Sendable, Hashable {
    let slug: String
    let title: String
    private let text: String
    /// Ends its names, as `-2`; not 1, the first one's.
    private(set) var number = 1

    init(_ slug: String, _ title: String, _ text: String) {
        self.slug = slug
        self.title = title
        self.text = text
    }

    /// - Parameter name: what `name` gives.
    init?(named name: String) {
        let words = name.split(separator: ":")
        guard let template = Self.parts.first(where: { $0.slug == words.first.map(String.init) }) else { return nil }
        self = template.numbered(words.dropFirst().first.flatMap { Int($0) } ?? 1)
    }

    /// Its slug and number, for a form that carries them.
    var name: String { number == 1 ? slug : "\(slug):\(number)" }

    /// The texts with which one starts, with what they are for.
    static let all: [(slug: String, title: String)] = [
        ("approval", "Approval"), ("purchase", "Purchase"), ("incident", "Incident"),
        (form.slug, "A form by itself"), (empty.slug, "An empty text"),
    ]

    /// Every text of every template.
    static let parts: [WorkbenchTemplate] = sets.flatMap(\.self) + [form, empty]

    private static let sets = [approval, purchase, incident]
    /// The smallest form that is of use.
    static let form = WorkbenchTemplate(
        "form", "Form",
        """
        # Somebody who works on tasks gets each ticket.
        ticket: broken-thing-NUMBER
        name: Something is broken NUMBER
        description: Tell us what and where.
        body:
          - type: textarea
            attributes: { label: What happened? }
            validations: { required: true }

        """)
    private static let empty = WorkbenchTemplate("empty", "Empty", "")

    /// The texts that belong together, this one among them.
    var set: [WorkbenchTemplate] {
        let set = Self.sets.first { $0.contains { $0.slug == slug } }
        return set?.map { $0.numbered(number) } ?? [self]
    }

    /// The text for a company.
    func source(in company: String) -> String {
        text.replacing("COMPANY", with: company)
            .replacing("-NUMBER", with: number == 1 ? "" : "-\(number)")
            .replacing(" NUMBER", with: number == 1 ? "" : " \(number)")
    }

    // MARK: What it defines

    /// What the other texts of its set define.
    func others(in company: Company) -> [DraftDefinition] {
        set.filter { $0.slug != slug }.compactMap { DraftDefinition($0.source(in: company.slug), in: company) }
    }

    /// The template with the first number under which the company has nothing of its set's names in force.
    func unused(in company: Company, _ session: CompanyReadSession) throws -> WorkbenchTemplate {
        let taken = try session.namesInForce()
        var template = self
        while template.set.contains(where: { part in
            let draft = DraftDefinition(part.source(in: company.slug), in: company)
            return draft.map { taken.contains($0.name) } ?? false
        }) {
            template.number += 1
        }
        return template
    }

    private func numbered(_ number: Int) -> WorkbenchTemplate {
        var template = self
        template.number = number
        return template
    }
}
