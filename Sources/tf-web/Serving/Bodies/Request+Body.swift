import Hummingbird
import NIOCore

extension Request {
    /// The media type of the body, without parameters; nil if none is given.
    var mediaType: String? { headers[.contentType]?.split(separator: ";").first?.lowercased() }

    /// The whole body.
    /// - Throws: an error with status 413 if it is longer than `PostedForm.maximumBytes`.
    func bodyBytes() async throws -> [UInt8] {
        var request = self
        return Array(try await request.wholeBody().readableBytesView)
    }

    /// The whole body, which can be read again afterwards.
    /// - Throws: an error with status 413 if it is longer than `PostedForm.maximumBytes`.
    mutating func wholeBody() async throws -> ByteBuffer {
        try await wholeBody(upTo: PostedForm.maximumBytes)
    }

    /// - Throws: `Failure.tooLarge` with the limit.
    mutating func wholeBody(upTo limit: Int) async throws -> ByteBuffer {
        try demandLength(upTo: limit)
        do {
            return try await collectBody(upTo: limit)
        } catch let error as any HTTPResponseError where error.status.code == 413 {
            throw Failure.tooLarge(limit: limit)
        }
    }

    /// - Throws: `Failure.tooLarge` if the client announces a longer body, which need not be waited for then.
    func demandLength(upTo limit: Int) throws {
        guard let length = headers[.contentLength].flatMap({ Int($0) }), length > limit else { return }
        throw Failure.tooLarge(limit: limit)
    }
}
