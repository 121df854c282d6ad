import TestSupport
import Testing

@testable import tf_web

@Suite struct MultipartReaderTests {
    fileprivate static let type = "multipart/form-data; boundary=XyZ"
    fileprivate static let body = """
        preamble, not looked at\r
        --XyZ\r
        Content-Disposition: form-data; name="title"\r
        \r
        Hello\r
        --XyZ \t\r
        Content-Disposition: form-data; name="empty"\r
        \r
        \r
        --XyZ\r
        content-disposition: FORM-DATA; filename="C:\\fakepath\\a \\"b\\".txt"; name=file\r
        Content-Type: text/plain\r
        X-Other: y\r
        \r
        --XyY\r
        \r
        --Xy\r
        --XyZ\r
        Content-Disposition: form-data; name="none"; filename=""\r
        \r
        \r
        --XyZ--\r
        epilogue
        """

    private static let parts = [
        Part("title", nil, "application/octet-stream", "Hello"),
        Part("empty", nil, "application/octet-stream", ""),
        Part("file", "a \"b\".txt", "text/plain", "--XyY\r\n\r\n--Xy"),
        Part("none", "", "application/octet-stream", ""),
    ]

    @Test func `a body is cut into its parts`() throws {
        #expect(try Part.read(Array(Self.body.utf8), Self.type, cuts: []) == Self.parts)
    }

    @Test func `wherever the network cuts a body, the parts are the same`() throws {
        let bytes = Array(Self.body.utf8)
        for first in bytes.indices {
            #expect(try Part.read(bytes, Self.type, cuts: [first]) == Self.parts, "cut at \(first)")
        }
        #expect(try Part.read(bytes, Self.type, cuts: Array(bytes.indices)) == Self.parts)
    }

    /// A combining mark behind a quote or a semicolon is one character with it, but the sign counts all the same.
    @Test func `no mark hides a sign of a header`() throws {
        let headers =
            "Content-Disposition: form-data; name=\"a\"\u{301}; filename=\"x\u{301}%22/\u{301}b\u{301}\"\u{301}"
        let body = "--XyZ\r\n\(headers)\r\n\r\nHello\r\n--XyZ--\r\n"
        let parts = try Part.read(Array(body.utf8), Self.type, cuts: [])
        #expect(parts.map(\.name) == ["a"])
        #expect(parts.map(\.fileName) == ["\u{301}b\u{301}"])
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=\(String(repeating: "x", count: 71))",
    ])
    func `a type without a boundary is refused`(_ type: String) {
        #expect(throws: MultipartError.badBoundary) { try MultipartReader(contentType: type) }
    }

    private static let disposition = "Content-Disposition: form-data; name=\"a\"\r\n"

    @Test(arguments: [
        ("--XyZ\r\n\(disposition)\r\nx", MultipartError.truncated), ("", .truncated), ("no boundary", .truncated),
        ("--XyZx\r\n", .badHeaders("no line break behind the boundary")),
        ("--XyZ\r\n\r\nx\r\n--XyZ--", .badHeaders("a part without a name")),
        ("--XyZ\r\nnonsense\r\n\r\nx\r\n--XyZ--", .badHeaders("a line without a colon")),
        ("--XyZ\r\nContent-Disposition: attachment; name=a\r\n\r\nx\r\n--XyZ--", .badHeaders("no form-data")),
        ("--XyZ\r\nX: \(String(repeating: "x", count: 17_000))", .headersTooLong),
        (String(repeating: "--XyZ\r\n\(disposition)\r\nx\r\n", count: 1_001), .tooManyParts),
    ])
    func `a body that is none is refused with the reason`(_ body: String, _ error: MultipartError) {
        #expect(throws: error) { _ = try Part.read(Array(body.utf8), Self.type, cuts: []) }
    }
}

@Suite(.onItsOwnThread) struct MultipartFuzzTests {
    private static let tokens: [[UInt8]] =
        [
            "--XyZ", "\r\n--XyZ", "--XyZ--", "\r\n", "\r\n\r\n", "\r", "\n", "--", ": ", ";", "=", "\"", "\\", "name=",
            "filename=",
        ].map { Array($0.utf8) } + [[0], [0xFF]]

    @Test func `a broken body ends in the same parts or the same error however it is cut`() throws {
        try Fuzz.run("multipart", iterations: 1_500) { generator, replay in
            let bytes = Array(MultipartReaderTests.body.utf8).mutated(tokens: Self.tokens, by: &generator)
            let whole = Result { try Part.read(bytes, MultipartReaderTests.type, cuts: []) }
            let cuts = (0...generator.below(20)).map { _ in generator.below(bytes.count + 1) }.sorted()
            let pieces = Result { try Part.read(bytes, MultipartReaderTests.type, cuts: cuts) }
            switch (whole, pieces) {
            case (.success(let one), .success(let other)): #expect(one == other, "\(replay)")
            case (.failure(let one), .failure(let other)):
                #expect(one as? MultipartError == other as? MultipartError, "\(replay)")
            case (.success, .failure), (.failure, .success): Issue.record("\(replay)")
            }
        }
    }
}

/// A part with all of its bytes.
private struct Part: Equatable {
    let name: String
    let fileName: String?
    let mediaType: String
    var bytes: [UInt8]

    init(_ name: String, _ fileName: String?, _ mediaType: String, _ text: String) {
        self.name = name
        self.fileName = fileName
        self.mediaType = mediaType
        bytes = Array(text.utf8)
    }

    /// Reads a body that comes in pieces which end at these places.
    static func read(_ body: [UInt8], _ type: String, cuts: [Int]) throws -> [Part] {
        var reader = try MultipartReader(contentType: type)
        var parts: [Part] = []
        var start = 0
        for end in cuts + [body.count] {
            for event in try reader.feed(body[start..<end]) {
                switch event {
                case .part(let part): parts.append(Part(part.name, part.fileName, part.mediaType, ""))
                case .bytes(let bytes): parts[parts.count - 1].bytes += bytes
                case .partEnd: break
                }
            }
            start = end
        }
        try reader.finish()
        return parts
    }
}
