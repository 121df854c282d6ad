import Foundation
import Hummingbird
import TFConfiguration
import TFDefinition
import TFStore
import TFSystem

/// Reads a posted form that may carry files, and streams the files to where they are kept, under random ids.
///
/// A file is written only up to its field's limit, and only after the form's token was checked: hidden fields come
/// first in a form, so the token arrives before the first file.
struct FormIntake {
    /// Limits of all text fields together, and of a single one.
    static let maximumTextBytes = 4 << 20
    static let maximumFieldBytes = 1 << 20
    /// Limit of a whole request, whatever its form accepts.
    static let maximumBytes = 128 << 20

    let site: Site
    /// To whom the files will belong; nil: only the texts are read, and no file is kept.
    let company: Company?
    let giver: Account?
    /// The fields that accept files, by their names in the body.
    let limits: [String: (label: String, field: UploadField)]
    /// File fields whose content is read as text and not stored as a file.
    var texts: Set<String> = []
    /// Whether the bytes of a file tell its form from another one, and not only its name, type and size.
    var comparesBytes = false

    static func isOfOtherSession(
        _ form: PostedForm, _ authorize: (_ form: PostedForm) throws -> Void
    ) throws -> Bool {
        do {
            try authorize(form)
            return false
        } catch is FormOfOtherSession {
            return true
        }
    }

    /// - Parameter authorize: called with the form before its first file is written, and again at its end. If it throws
    ///   `FormOfOtherSession`, no file is stored, and the error that is thrown at the end holds all texts.
    func read(_ request: Request, authorize: (_ form: PostedForm) throws -> Void) async throws -> PostedForm {
        var reader: MultipartReader
        do {
            reader = try MultipartReader(contentType: request.headers[.contentType] ?? "")
        } catch { throw Failure(error) }
        var intake = Intake()
        intake.keepsFiles = company != nil
        do {
            var total = 0
            for try await chunk in request.body {
                total += chunk.readableBytes
                guard total <= Self.maximumBytes else { throw Failure.tooLarge(limit: Self.maximumBytes) }
                for event in try reader.feed(chunk.readableBytesView) {
                    if case .part(let part) = event, part.fileName?.isEmpty == false, intake.keepsFiles {
                        intake.keepsFiles = try !Self.isOfOtherSession(intake.form, authorize)
                    }
                    try await take(event, &intake)
                }
            }
            try reader.finish()
        } catch {
            await intake.file?.abandon()
            if let error = error as? MultipartError { throw Failure(error) }
            throw error
        }
        try authorize(intake.form)
        return intake.form
    }

    /// - Parameters:
    ///   - field: the bytes of the text field that is being read.
    ///   - all: the bytes of all of them.
    /// - Throws: `Failure.tooLarge`.
    static func demandLimits(field: Int, all: Int) throws {
        if field > maximumFieldBytes { throw Failure.tooLarge(limit: maximumFieldBytes) }
        if all > maximumTextBytes { throw Failure.tooLarge(limit: maximumTextBytes) }
    }

    /// What has been read so far.
    private struct Intake {
        var form = PostedForm()
        var part: MultipartPart?
        var text: [UInt8] = []
        var textBytes = 0
        var file: FileSink?
        var digest: RunningDigest?
        var files: [String: Int] = [:]
        var keepsFiles = true
    }

    private func take(_ event: MultipartReader.Event, _ intake: inout Intake) async throws {
        switch event {
        case .part(let part):
            intake.part = part
            intake.text = []
            guard let name = part.fileName, !name.isEmpty, !texts.contains(part.name) else { return }
            guard intake.keepsFiles else {
                intake.form.leaveOut(file: name)
                return
            }
            try await open(part, name, &intake)
        case .bytes(let bytes):
            if let part = intake.part, part.fileName != nil, !texts.contains(part.name) {
                try await write(bytes, &intake)
            } else {
                intake.textBytes += bytes.count
                intake.text += bytes
                try Self.demandLimits(field: intake.text.count, all: intake.textBytes)
            }
        case .partEnd: try await end(&intake)
        }
    }

    private func open(_ part: MultipartPart, _ name: String, _ intake: inout Intake) async throws {
        guard let company, let (label, field) = limits[part.name] else {
            // The form has no such field; its own validation will report that.
            intake.form.append(part.name, name)
            return
        }
        let path = Self.path(part)
        intake.files[part.name, default: 0] += 1
        guard intake.files[part.name, default: 0] <= field.maximumFiles else {
            let files = field.maximumFiles == 1 ? "1 file" : "\(field.maximumFiles) files"
            intake.form.refuse(FieldError(field: path, message: "\(label) takes \(files) or fewer"))
            return
        }
        guard field.accepts(name: name, mediaType: part.mediaType) else {
            intake.form.refuse(
                FieldError(field: path, message: "\(label) takes \(field.acceptInWords); \(name) is none of these"))
            return
        }
        intake.digest = comparesBytes ? RunningDigest() : nil
        intake.file = try await FileSink(in: site.store.inside(company.id), now: site.now)
    }

    private func write(_ bytes: [UInt8], _ intake: inout Intake) async throws {
        guard let file = intake.file, let part = intake.part, let (label, field) = limits[part.name] else {
            return
        }
        guard file.size + bytes.count <= field.maximumBytes else {
            await file.abandon()
            intake.file = nil
            let path = Self.path(part)
            let limit = ByteSize.text(field.maximumBytes)
            intake.form.refuse(
                FieldError(
                    field: path, message: "\(label) takes files of \(limit) or less; \(part.fileName ?? "") is larger"))
            return
        }
        intake.digest?.add(bytes)
        try await intake.file?.write(bytes)
    }

    /// The field's name in errors: `form.photo` for the part `f.photo`.
    private static func path(_ part: MultipartPart) -> String { PostedForm.path(ofField: part.name) }

    private func end(_ intake: inout Intake) async throws {
        guard let part = intake.part else { return }
        intake.part = nil
        if let name = part.fileName, !texts.contains(part.name) {
            guard var file = intake.file, let company, let giver else { return }
            intake.file = nil
            let upload = FormUpload(id: file.id, name: name, mediaType: part.mediaType, size: file.size)
            do {
                try await file.finish()
                try await site.store.writeAside {
                    try $0.inside(company.id).addUpload(upload, by: giver.id, now: site.now)
                }
            } catch {
                await file.abandon()
                throw error
            }
            intake.form.append(part.name, upload: upload, digest: intake.digest?.end())
        } else {
            guard intake.form.fields.count < PostedForm.maximumFields else {
                throw Failure.badRequest("The form has too many fields.")
            }
            guard let text = String(validating: intake.text, as: UTF8.self) else {
                if part.fileName != nil {
                    return intake.form.refuse(FieldError(field: part.name, message: "The file is not UTF-8 text"))
                }
                throw Failure.badRequest("The form is not UTF-8.")
            }
            if part.fileName == nil {
                intake.form.append(checking: part.name, text)
            } else {
                intake.form.append(checking: part.name, file: text)
            }
        }
    }
}
