import HTTPTypes
import Hummingbird
import TFDefinition
import TFEngine
import TFStore

/// The files of tickets. Each is uploaded and downloaded by its own request, outside of transactions.
struct TicketFileRoutes: Sendable {
    private static let page = "/c/{company}/tickets/{number}/attachments/{id}"
    private static let object = "/companies/{company}/tickets/{number}/attachments"

    let site: Site

    static func add(to routes: inout RouteTable) {
        let files = TicketFileRoutes(site: routes.server.site)
        routes.own(.get, page, .readTicket, on: .ticket, isFile: true) { request, own in
            .response(try await files.download(request, own))
        }
        routes.own(
            .get, "\(object)/{id}", .readTicket, on: .ticket, query: NoFields.self,
            Operation("readAttachment", "The bytes of a file of the ticket", answer: .file)
        ) { request, _, own in try await files.download(request, own) }
        routes.own(
            .post, "/companies/{company}/uploads", .upload, on: .company, query: NoFields.self,
            Operation(
                "upload", "Send a file for a form's field; it goes after 24 hours where no form uses it", body: .file,
                status: 201, answer: .object(FormUpload.answer), failures: [409])
        ) { request, _, own in try await files.upload(request, own) }
        routes.read(
            "/companies/{company}/uploads/{id}", .upload, on: .company,
            Operation(
                "readUpload", "One of your files that no form uses yet", answer: .object(FormUpload.answer))
        ) { request, session in
            guard let id = request.parts["id"].map({ AttachmentID($0) }),
                let file = try session.uploads([id], giver: request.account.id, ticket: nil)[id]
            else { throw Failure.notFound }
            return .json(file)
        }
        routes.own(
            .post, object, .attachToTicket, on: .ticket, query: NoFields.self,
            Operation(
                "attach", "Add a file to the ticket, for everybody who reads it", body: .file, status: 201,
                answer: .object(FormUpload.answer), failures: [409])
        ) { request, _, own in try await files.attach(request, own) }
    }

    /// Sends a file as a download. It is never shown inside the site, since its content cannot be trusted.
    /// - Throws: `Failure.notFound` for a file of another ticket, and for one that the visitor may not read.
    private func download(_ request: ProvedRequest<OnTicket>, _ own: OwnRequest) async throws -> Response {
        let attachment = try await own.read(in: request.company) { session in
            try request.parts["id"].flatMap { id in
                try session.attachment(AttachmentID(id), ticket: request.ticket.id).flatMap { attachment in
                    try request.subject.mayRead(attachment, session) ? attachment : nil
                }
            }
        }
        guard let attachment else { throw Failure.notFound }
        // The content of a file never changes: its id is its state.
        let tag = "\"\(attachment.id)\""
        guard !EntityTags.isKnown(tag, to: own.request) else {
            return Response(status: .notModified, headers: [.eTag: tag])
        }
        let body = try await ResponseBody.content(of: attachment, in: site.store, own.context)
        return Response(
            status: .ok,
            headers: [
                // Whatever type the uploader named, a browser must not treat the file as a page of this site.
                .contentType: "application/octet-stream", .eTag: tag,
                .contentDisposition: ContentDisposition.attachment(attachment.name),
                .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'; sandbox",
            ], body: body)
    }

    private func attach(_ request: ProvedRequest<OnTicket>, _ own: OwnRequest) async throws -> Response {
        let (subject, now) = (request.subject, request.now)
        return try await once(own, in: subject.company, by: subject.account) { file, session in
            try session.attachUpload(file.id, to: subject.ticket, by: subject.account, now: now)
            return .created(file, at: "\(subject.operation)/attachments/\(file.id)")
        }
    }

    private func upload(_ request: ProvedRequest<InCompany>, _ own: OwnRequest) async throws -> Response {
        let company = request.company
        return try await once(own, in: company, by: request.account) { file, _ in
            .created(file, at: "/api/v1/companies/\(company.slug)/uploads/\(file.id)")
        }
    }

    /// Stores the file of the request, then does with it what is to be done, in one transaction with the answer for whoever
    /// sends the request again. The file of such a repetition goes like every one that no form uses.
    private func once(
        _ own: OwnRequest, in company: Company, by giver: Account,
        _ work: @escaping @Sendable (FormUpload, CompanyWriteSession) throws -> Reply
    ) async throws -> Response {
        let (file, content) = try await taken(own.request, to: company, by: giver)
        let key = own.key(of: giver, content: content, site)
        // The upload took time, so the rights are checked again.
        return try await own.write(in: company) { session in
            if let key, let earlier = try Reply(earlier: key, session.site) { return earlier }
            try own.demandMatch(session.site)
            let reply = try work(file, session).written
            if let key { try session.site.keep(reply.stored, for: key) }
            return reply
        }.response
    }

    /// Stores the one file of a multipart body.
    /// - Returns: the file, and what tells the body from another one.
    private func taken(
        _ request: Request, to company: Company, by giver: Account
    ) async throws -> (FormUpload, content: String) {
        guard request.mediaType == "multipart/form-data" else {
            throw Failure.unsupportedMediaType("multipart/form-data")
        }
        let field = UploadField(accept: [], maximumFiles: 1, maximumBytes: UploadField.largestBytes)
        var intake = FormIntake(site: site, company: company, giver: giver, limits: ["file": ("This address", field)])
        intake.comparesBytes = true
        let form = try await intake.read(request) { _ in }
        guard form.fileErrors.isEmpty else { throw Failure.invalid(form.fileErrors) }
        let extra = form.fields.map(\.name).filter { $0 != "file" }
        guard extra.isEmpty else {
            throw Failure.invalid(
                extra.map { FieldError(field: $0, message: "There is no part \"\($0)\" here; send \"file\" alone") })
        }
        let file = try await site.store.read(in: company.id) { session in
            try form["file"].map { AttachmentID($0) }.flatMap { id in
                try session.uploads([id], giver: giver.id, ticket: nil)[id]
            }
        }
        guard let file else {
            throw Failure.invalid([FieldError(field: "file", message: "Send one file as the part \"file\"")])
        }
        return (file, form.content)
    }
}
