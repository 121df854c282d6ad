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
        routes.own(.get, page, .readTicket, on: .ticket) { request, own in
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
        ) { request, _, own in
            .json(try await files.upload(own.request, to: request.company, by: request.account).json, status: 201)
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
        let body = try await ResponseBody.content(of: attachment, in: site.store, own.context)
        return Response(
            status: .ok,
            headers: [
                // Whatever type the uploader named, a browser must not treat the file as a page of this site.
                .contentType: "application/octet-stream",
                .contentDisposition: ContentDisposition.attachment(attachment.name),
                .contentSecurityPolicy: "default-src 'none'; sandbox",
                .cacheControl: "private, no-store",
            ], body: body)
    }

    private func attach(_ request: ProvedRequest<OnTicket>, _ own: OwnRequest) async throws -> Response {
        let (subject, now) = (request.subject, request.now)
        let file = try await upload(own.request, to: request.company, by: request.account)
        // The upload took time, so the rights are checked again.
        try await own.write { session in
            try session.inside(subject.company.id).attachUpload(
                file.id, to: subject.ticket, by: subject.account, now: now)
        }
        let ticket = "/api/v1/companies/\(request.company.slug)/tickets/\(request.ticket.number)"
        return Reply.created(file, at: "\(ticket)/attachments/\(file.id)").response
    }

    /// Stores the one file of a multipart body.
    private func upload(_ request: Request, to company: Company, by giver: Account) async throws -> FormUpload {
        guard request.mediaType == "multipart/form-data" else {
            throw Failure.unsupportedMediaType("multipart/form-data")
        }
        let field = UploadField(accept: [], maximumFiles: 1, maximumBytes: UploadField.largestBytes)
        let intake = FormIntake(site: site, company: company, giver: giver, limits: ["file": ("The file", field)])
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
        return file
    }
}
