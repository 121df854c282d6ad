import Hummingbird
import TFDefinition
import TFStore

/// Which files a page's form takes.
struct FilesOfForm: Sendable {
    /// The definition's form, whose fields say it; nil: there is none.
    var form: Form?
    /// File fields whose content is a text of the page's form and nothing to keep.
    var texts: Set<String> = []
}

extension RouteServer {
    /// Reads a page's form that may carry files, once it is known that the visitor may send it at all.
    /// - Returns: the fields, each file as the id that it is kept under.
    func form<Kind: Subject>(
        _ request: Request, _ context: WebContext, on kind: SubjectKind<Kind>,
        _ files: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> FilesOfForm
    ) async throws -> PostedForm {
        guard let body = context.unreadBody else { return context.form }
        let (taken, proof) = try await read(request, context, on: kind, files)
        // Files are a company's, and somebody's.
        guard let company = proof.request.subject.companyOfFrame, let giver = proof.signedIn?.account else {
            throw PageSession.foreign
        }
        let limits = (taken.form?.uploads ?? []).reduce(into: [:]) { $0["f.\($1.id)"] = ($1.element.label, $1.field) }
        let intake = FormIntake(
            site: site, company: company, giver: giver, limits: limits, texts: taken.texts)
        return try await intake.read(body) { form in
            try site.checkToken(form["_csrf"], body, context) { form }
        }
    }
}
