import Hummingbird
import NIOCore

extension Request {
    /// The media type of the body, without parameters; nil if none is given.
    var mediaType: String? { headers[.contentType]?.split(separator: ";").first?.lowercased() }

    /// - Throws: `Failure.unsupportedMediaType` for a body of another type, and for one that says that it is not in UTF-8.
    func demand(_ type: String) throws {
        guard mediaType == type else { throw Failure.unsupportedMediaType(type) }
        try demandUTF8()
    }

    /// Every text is read as UTF-8, in which ASCII is contained; another one would be misread.
    func demandUTF8() throws {
        let charset = headers[.contentType].flatMap { HeaderParameters.read($0)["charset"] } ?? "utf-8"
        guard ["utf-8", "utf8", "us-ascii"].contains(charset.lowercased()) else {
            throw Failure.unsupportedMediaType("\(mediaType ?? "text") in UTF-8")
        }
    }

    /// Bodies are read as they are: nothing here decompresses.
    func demandUncompressed() throws {
        guard headers[.contentEncoding].map({ $0.lowercased() != "identity" }) == true else { return }
        throw Failure.unsupportedMediaType("it is, without a Content-Encoding")
    }

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
