import Hummingbird

extension Request {
    /// The media type of the body, without parameters; nil if none is given.
    var mediaType: String? { headers[.contentType]?.split(separator: ";").first?.lowercased() }

    /// The whole body.
    /// - Throws: an error with status 413 if it is longer than `PostedForm.maximumBytes`.
    func bodyBytes() async throws -> [UInt8] {
        var request = self
        return Array(try await request.collectBody(upTo: PostedForm.maximumBytes).readableBytesView)
    }
}
