import TFDefinition
import TFStore

extension ShownForm {
    /// The form of a ticket type that is not offered any more.
    /// - Parameter page: the path of the page that had the form.
    /// - Returns: nil if the page is none of such a type, or the person could never send it.
    static func ofFormerType(onPage page: String, for identity: Identity, _ session: ReadSession) throws -> ShownForm? {
        let parts = PathParts("/c/{company}/tickets/new/{type}", page)
        guard page.split(separator: "/").dropLast().suffix(2) == ["tickets", "new"], let slug = parts["company"],
            let name = parts["type"], let company = try session.company(slug)
        else { return nil }
        let actor = Actor(identity, company: slug)
        guard Policy.decide(actor, .listDefinitionNames, .company) == .allowed else { return nil }
        return try FormerType(name, for: actor, session.inside(company.id)).map { ShownForm($0.form) }
    }
}

extension Site {
    /// The same for who sends the request.
    func formerForm(onPage page: String, _ context: WebContext) async -> ShownForm? {
        // Without it, what was typed is shown all the same.
        guard let signedIn = try? await self.signedIn(context) else { return nil }
        return try? await store.read { try ShownForm.ofFormerType(onPage: page, for: signedIn.identity, $0) }
    }
}
