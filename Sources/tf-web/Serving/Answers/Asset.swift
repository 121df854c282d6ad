import HTTPTypes
import Hummingbird
import NIOCore
import TFDefinition
import TFSystem

/// A file that pages refer to, embedded when the program is built.
///
/// Its address contains a hash of its content, so browsers may cache it forever: changed content gets a new address. It
/// is compressed once, on first use.
struct Asset: Sendable {
    static let styleSheet = Asset(packed(PackageResources.site_css), suffix: "css", type: "text/css; charset=utf-8")
    static let script = Asset(bare(PackageResources.site_js), suffix: "js", type: "text/javascript; charset=utf-8")
    static let icon = Asset(PackageResources.favicon_svg, suffix: "svg", type: "image/svg+xml")
    static let all = [styleSheet, script, icon]

    let path: String
    private let type: String
    private let plain: Representation
    private let compressed: Representation

    /// The bytes as they are sent, and their entity tag.
    private struct Representation: Sendable {
        let body: ByteBuffer
        let tag: String
    }

    /// A style sheet without its comments and the white space that only its authors need, and with names of one letter
    /// for its custom properties. A sum in `calc()` needs its spaces, so the file has none.
    private static func packed(_ css: [UInt8]) -> [UInt8] {
        var text = String(decoding: css, as: UTF8.self)
        while let start = text.firstRange(of: "/*"), let end = text[start.upperBound...].firstRange(of: "*/") {
            text.removeSubrange(start.lowerBound..<end.upperBound)
        }
        let names = Set(text.matches(of: /--[a-z][a-z0-9-]*/).map { String($0.output) }).sorted()
        precondition(names.count <= letters.count, "a letter for each custom property of the style sheet")
        let short = Dictionary(uniqueKeysWithValues: zip(names, letters))
        text = text.replacing(/--[a-z][a-z0-9-]*/) { "--\(short[String($0.output)] ?? "-")" }
        text = text.replacing(/\s*([{};])\s*/) { $0.output.1 }.replacing(/([:,])\s+/) { $0.output.1 }
        text = text.replacing(";}", with: "}").replacing(/\s([>+<\/])\s/) { $0.output.1 }
        return Array(text.utf8)
    }

    /// A script without the lines that are comments and without the white space before lines; none of its texts has
    /// several lines.
    private static func bare(_ script: [UInt8]) -> [UInt8] {
        let lines = String(decoding: script, as: UTF8.self).split(separator: "\n").map { $0.drop { $0 == " " } }
        return Array(lines.filter { !$0.isEmpty && !$0.hasPrefix("//") }.joined(separator: "\n").utf8)
    }

    private static let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    private init(_ content: [UInt8], suffix: String, type: String) {
        let name = Base64URL.encode(Digest.sha256(content).prefix(6))
        path = "/assets/\(name).\(suffix)"
        self.type = type
        plain = Representation(body: ByteBuffer(bytes: content), tag: "\"\(name)\"")
        compressed = Representation(body: ByteBuffer(bytes: Gzip.compress(content)), tag: "\"\(name)-gzip\"")
    }

    func response(to request: Request) -> Response {
        let isCompressed = Self.acceptsGzip(request.headers[.acceptEncoding])
        let representation = isCompressed ? compressed : plain
        var headers: HTTPFields = [
            .eTag: representation.tag, .cacheControl: "public, max-age=31536000, immutable", .vary: "Accept-Encoding",
        ]
        guard !EntityTags.isKnown(representation.tag, to: request) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = type
        if isCompressed { headers[.contentEncoding] = "gzip" }
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: representation.body))
    }

    /// Whether `Accept-Encoding` names gzip and does not weigh it with 0 (RFC 9110, 12.5.3).
    static func acceptsGzip(_ header: String?) -> Bool {
        (header ?? "").lowercased().split(separator: ",").contains { coding in
            let parts = coding.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
            guard parts.first == "gzip" else { return false }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }
            return weight.map { (Double($0.dropFirst(2)) ?? 0) > 0 } ?? true
        }
    }
}
