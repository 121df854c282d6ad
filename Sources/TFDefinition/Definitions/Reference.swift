import TFExpression

/// The name of a definition with the version that was asked for: `approve-access` or `approve-access:1.2.0`.
package struct DefinitionName: Sendable, Hashable, Codable, CustomStringConvertible {
    package let name: String
    /// The version; nil: the highest one.
    package let version: String?

    package init(name: String, version: String? = nil) {
        self.name = name
        self.version = version
    }

    /// Reads `name`, `name:version`, and the DSL's `name:version@default`.
    package init?(_ text: String) {
        var text = text[...]
        if text.hasSuffix("@default") { text = text.dropLast("@default".count) }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard Slug.isValid(String(parts[0])) else { return nil }
        name = String(parts[0])
        version = parts.count == 2 ? String(parts[1]) : nil
        if let version, SemanticVersion(version) == nil { return nil }
    }

    package var description: String { version.map { "\(name):\($0)" } ?? name }
}

/// A name of something outside the file, with its position; checked when the company's other files are known.
package struct Reference: Sendable, Hashable {
    package enum Target: Sendable, Hashable {
        case workflow(DefinitionName)
        /// - besides: names of other things that could have been meant.
        case task(DefinitionName, besides: [String])
        /// The type of ticket that a scheduled workflow opens.
        case ticket(String)
        case role(String)
        /// The company role that whoever gets the task that the file defines must hold; a `role` too.
        case assignedRole(String)
        /// A call of a task, with what it changes of who gets it; its place is the role that the call names, else the
        /// task.
        case assignment(CallAssignment?, of: DefinitionName)
        /// A field of the form of every ticket that names this workflow.
        case formField(String)
        /// A field of those forms that is compared with a number.
        case numberComparison(field: String)
        /// A task that shows the ticket's own form.
        case ticketForm
        /// A member of the output of one of these calls.
        /// - whose: such as `$tasks.first`; nil: the step's input.
        case output([CallSite], member: String, isOptional: Bool, whose: String?)
        /// An outcome with which one of these calls ends.
        /// - isCertain: whether the value can be nothing else.
        case outcome([CallSite], String, isCertain: Bool)
        /// In a task: a member of the input that its callers pass.
        case input(String, isOptional: Bool)
        /// In a workflow: the name of an input, among all that a call passes.
        case passed(String, to: DefinitionName, among: [String])
        /// In a task: an output of a step of the workflows that call it; without `member`, all of it.
        case stepOutput(step: String, member: String?)
        /// The type of a ticket that a step opens.
        case openedTicket(String)
        /// A field of the form of a ticket that a step opens.
        case answer(field: String, of: String)
        /// The answers of a ticket that a step opens; nil for those that are computed.
        case answers([String: JSON?], of: String)
    }

    package let target: Target
    package let position: Position
}
