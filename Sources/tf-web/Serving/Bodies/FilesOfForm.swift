import Hummingbird
import TFDefinition
import TFStore

/// The files that a page's form accepts.
struct FilesOfForm: Sendable {
    /// The definition's form with its file fields; nil if there is none.
    var form: Form?
    /// File fields of the page whose content is read as text and not stored as a file.
    var texts: Set<String> = []
    /// What the page's own field `file` takes, whose files go to the ticket itself; nil: it has no such field.
    var attachments: UploadField?
}

extension RouteServer {
    /// Reads a page's form that may carry files, after proving that the visitor may send it.
    /// - Returns: the fields; each file is given by the id under which it is stored.
    func form<Kind: RouteSubject>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ files: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> FilesOfForm
    ) async throws -> PostedForm {
        guard let body = context.unreadBody else { return context.form }
        let (taken, proof) = try await provedFiles(request, context, on: kind, files, body)
        // Every stored file belongs to a company and has an account that uploaded it.
        guard let company = proof.request.subject.companyOfFrame, let giver = proof.signedIn?.account else {
            throw PageSession.foreign
        }
        var limits = (taken.form?.uploads ?? []).reduce(into: [:]) { $0["f.\($1.id)"] = ($1.element.label, $1.field) }
        limits["file"] = taken.attachments.map { ("A ticket", $0) }
        let intake = FormIntake(
            site: site, company: company, giver: giver, limits: limits, texts: taken.texts)
        return try await intake.read(body) { form in
            try site.checkToken(form[PostedForm.token], body, context) { form }
        }
    }
    /// Proves that the visitor may send the form.
    /// - Throws: `UnprovedForm` with what was typed, if it is about something that is not theirs any more.
    private func provedFiles<Kind: RouteSubject>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ files: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> FilesOfForm, _ body: Request
    ) async throws -> (FilesOfForm, Proof<Kind>) {
        do { return try await read(request, context, on: kind, files) } catch let cause where RefusedForm.isEnd(cause) {
            let intake = FormIntake(site: site, company: nil, giver: nil, limits: [:])
            let form = try await intake.read(body) { form in
                try site.checkToken(form[PostedForm.token], body, context) { form }
            }
            throw UnprovedForm(cause: cause, form: form)
        }
    }
}

/// A form with files that the visitor may not send any more, such as one of a task that somebody else has taken: what was
/// typed is shown, and no file is kept.
struct UnprovedForm: Error {
    let cause: any Error
    let form: PostedForm
}
