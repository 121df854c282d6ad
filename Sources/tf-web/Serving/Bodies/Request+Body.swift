import Hummingbird

extension Request {
    /// The media type of the body, without its parameters; nil: none is named.
    var mediaType: String? { headers[.contentType]?.split(separator: ";").first?.lowercased() }

    /// The whole body.
    /// - Throws: an error with status 413 where it is longer than is read here.
    func bodyBytes() async throws -> [UInt8] {
        var request = self
        return Array(try await request.collectBody(upTo: PostedForm.maximumBytes).readableBytesView)
    }
}
