import Hummingbird
import TFDefinition
import TFStore

/// The files that a page's form accepts.
struct FilesOfForm: Sendable {
    /// The definition's form with its file fields; nil if there is none.
    var form: Form?
    /// File fields of the page whose content is read as text and not stored as a file.
    var texts: Set<String> = []
}

extension RouteServer {
    /// Reads a page's form that may carry files, after proving that the visitor may send it.
    /// - Returns: the fields; each file is given by the id under which it is stored.
    func form<Kind: Subject>(
        _ request: Request, _ context: WebContext, on kind: SubjectKind<Kind>,
        _ files: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> FilesOfForm
    ) async throws -> PostedForm {
        guard let body = context.unreadBody else { return context.form }
        let (taken, proof) = try await read(request, context, on: kind, files)
        // Every stored file belongs to a company and has an account that uploaded it.
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
