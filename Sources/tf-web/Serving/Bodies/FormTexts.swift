import Hummingbird

/// Reads only the text fields of a posted form and stores no files: its session has ended, or nobody is signed in.
struct FormTexts {
    private var form = PostedForm()
    /// The part that is being read; nil if it is a file.
    private var part: MultipartPart?
    private var text: [UInt8] = []
    private var textBytes = 0
    private var isOfOtherSession = false

    /// - Parameter authorize: called with the form before its first file, and at its end. If it throws
    ///   `FormOfOtherSession`, the form is read to its end first, so that the error holds all that was typed.
    /// - Returns: the form; if it belongs to no session at all, only the fields before its first file.
    static func read(
        _ request: Request, authorize: (_ form: PostedForm) throws -> Void
    ) async throws -> PostedForm {
        var reader: MultipartReader
        do {
            reader = try MultipartReader(contentType: request.headers[.contentType] ?? "")
        } catch { throw Failure(error) }
        var texts = FormTexts()
        var total = 0
        for try await chunk in request.body {
            total += chunk.readableBytes
            guard total <= FormIntake.maximumBytes else { throw Failure.tooLarge(limit: FormIntake.maximumBytes) }
            let events: [MultipartReader.Event]
            do { events = try reader.feed(chunk.readableBytesView) } catch { throw Failure(error) }
            for event in events {
                let goesOn = try texts.take(event, authorize)
                guard goesOn else { return texts.form }
            }
        }
        try authorize(texts.form)
        return texts.form
    }

    /// - Returns: whether to go on reading.
    private mutating func take(
        _ event: MultipartReader.Event, _ authorize: (_ form: PostedForm) throws -> Void
    ) throws -> Bool {
        switch event {
        case .part(let next):
            part = next.fileName == nil ? next : nil
            if let name = next.fileName, !name.isEmpty { form.leaveOut(file: name) }
            text = []
            guard part == nil, !isOfOtherSession else { return true }
            isOfOtherSession = try FormIntake.isOfOtherSession(form, authorize)
            return isOfOtherSession
        case .bytes(let bytes):
            guard part != nil else { return true }
            text += bytes
            textBytes += bytes.count
            try FormIntake.demandLimits(field: text.count, all: textBytes)
        case .partEnd:
            guard let part, form.fields.count < PostedForm.maximumFields,
                let value = String(validating: text, as: UTF8.self)
            else { return true }
            form.append(checking: part.name, value)
        }
        return true
    }
}
