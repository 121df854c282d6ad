import TFDefinition
import TFExpression
import TFStore

/// A text to start from, with the others that belong to it: one part of a template.
///
/// Where the text says COMPANY, NAME and TITLE, the text for a company has its name and what is made of the template: for
/// machines, at the beginning of all names, and for people.
struct WorkbenchTemplate: Sendable, Hashable {
    let slug: String
    /// What the part is, such as `Task: decide`.
    let part: String
    private let text: String
    /// What is made of the template, for people: `Holiday`.
    private(set) var title: String
    /// The texts of its parts that somebody has changed, by slug.
    private var typed: [String: String] = [:]

    init(_ slug: String, of title: String, _ part: String, _ text: String) {
        self.slug = slug
        self.part = part
        self.text = text
        self.title = title
    }

    /// A template to choose.
    struct Choice: Sendable {
        let slug: String
        let title: String
        let about: String
    }

    static let all = [
        Choice(slug: "approval", title: "Approval", about: "Somebody decides, or sends it back for more"),
        Choice(slug: "purchase", title: "Purchase", about: "One or two approvals by the price, then somebody buys it"),
        Choice(slug: "incident", title: "Incident", about: "Somebody repairs it, and it becomes urgent with time"),
        Choice(slug: form.slug, title: "A form by itself", about: "Its tickets go to whoever works on tasks"),
    ]

    /// Every text of every template.
    static let parts: [WorkbenchTemplate] = sets.flatMap(\.self) + [form]

    private static let sets = [approval, purchase, incident]
    /// The smallest form that is of use.
    static let form = WorkbenchTemplate(
        "form", of: "Broken thing", "Form",
        """
        # Somebody who works on tasks gets each ticket.
        ticket: NAME
        name: TITLE
        description: Tell us what and where.
        body:
          - type: textarea
            attributes: { label: What happened? }
            validations: { required: true }

        """)

    /// The texts that belong together, this one among them.
    var set: [WorkbenchTemplate] {
        guard let set = Self.sets.first(where: { $0.contains { $0.slug == slug } }) else { return [self] }
        return set.map { part in
            var part = part
            (part.title, part.typed) = (title, typed)
            return part
        }
    }

    /// The text for a company, as somebody has changed it.
    func source(in company: String) -> String { typed[slug] ?? unchanged(in: company) }

    private func unchanged(in company: String) -> String {
        text.replacing("COMPANY", with: company).replacing("NAME", with: name)
            .replacing("TITLE", with: Self.yaml(title))
    }

    /// A text as YAML reads it, quoted where it might be something else.
    private static func yaml(_ text: String) -> String {
        let isPlain = text.first?.isLetter == true && text.allSatisfy { $0.isLetter || $0.isNumber || $0 == " " }
        return isPlain && !["true", "false", "null"].contains(text.lowercased()) ? text : JSON.string(text).text
    }

    // MARK: Names

    /// With what the names in all of its texts begin.
    var name: String { Slug.naming(title) }

    /// As long as a name that begins with it may be.
    static let longestTitle = 50

    /// The template for something of this title; nil: as it is.
    func titled(_ title: String?) -> WorkbenchTemplate {
        var template = self
        // Without a letter or digit there would be no name.
        if let title, !Slug.naming(title).isEmpty { template.title = title }
        return template
    }

    /// The template with the first number behind its title under which the company has nothing of its names in force.
    func unused(in company: Company, _ session: CompanyReadSession) throws -> WorkbenchTemplate {
        let taken = try session.namesInForce()
        return (1...).lazy.map { $0 == 1 ? self : titled("\(title) \($0)") }.first { template in
            template.set.allSatisfy { part in
                let draft = DraftDefinition(part.source(in: company.slug), in: company)
                return draft.map { !taken.contains($0.name) } ?? true
            }
        } ?? self
    }

    // MARK: Its other parts

    /// What the other texts of its set define, as far as they are without errors.
    func others(in company: Company) -> [DraftDefinition] {
        set.filter { $0.slug != slug }.compactMap { DraftDefinition($0.source(in: company.slug), in: company) }
    }

    /// Where the text is saved: by the name that it has, or had before somebody made an error.
    func path(_ writer: DefinitionWriter, in company: Company) -> String {
        let draft =
            DraftDefinition(source(in: company.slug), in: company)
            ?? DraftDefinition(unchanged(in: company.slug), in: company)
        return draft.map { writer.newPath($0.definition.kind, $0.definition.name) } ?? ""
    }

    /// Another part of the set, after this one's text was typed.
    func turned(to slug: String, leaving source: String, in company: String) -> WorkbenchTemplate {
        var left = self
        left.typed[self.slug] = source == unchanged(in: company) ? nil : source
        return left.set.first { $0.slug == slug } ?? self
    }

    // MARK: In forms

    /// The fields of a form that carries it, by name.
    var carried: [(name: String, value: String?)] {
        let texts = JSON.object(JSONObject(typed.map { ($0.key, .string($0.value)) }) { first, _ in first })
        return [("template", "\(slug):\(title)"), ("parts", typed.isEmpty ? nil : texts.text)]
    }

    /// - Parameter form: with what `carried` gives.
    init?(_ form: PostedForm) {
        let words = (form["template"] ?? "").split(separator: ":", maxSplits: 1).map(String.init)
        guard let slug = words.first, let part = Self.parts.first(where: { $0.slug == slug }) else { return nil }
        self = part.titled(words.dropFirst().first)
        // A hidden field of ours: one that is no JSON was forged.
        for (slug, text) in form["parts"].flatMap({ try? JSON(parsing: $0) })?.objectValue ?? [:] {
            typed[slug] = text.stringValue
        }
    }
}
