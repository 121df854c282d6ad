import HTTPTypes
import Hummingbird
import TFSystem

/// The part of a page that the script keeps up to date: it asks for it alone, and gets 304 while nothing has changed.
struct LivePart {
    /// What its address adds to the page's.
    static let suffix = "/rows"

    /// How often the script asks where the page says nothing.
    private static let usualSeconds = 15

    private let html: HTML
    /// The bell of the header and the page's tabs, whose counts follow too: they stand elsewhere on the page, and in front
    /// of the part when that is asked for.
    private let counts: HTML
    /// Changes with the content; without quotes.
    private let tag: String

    init(_ html: HTML, counts: HTML = .empty) {
        self.html = html
        self.counts = counts
        tag = Base64URL.encode(Digest.sha256(counts.bytes + html.bytes).prefix(9))
    }

    /// - Parameter path: the page's.
    init(of page: Page, at path: String, for viewer: Viewer?) {
        let bell: HTML? = viewer.map { FrameParts.bell($0.figures?.unread ?? 0, isCurrent: path == "/notifications") }
        self.init(page.live ?? .empty, counts: "\(bell)\(page.tabs)")
    }

    /// Whether the script asks for a page or its part, and not the browser itself.
    static func isAsked(for request: Request) -> Bool {
        request.headers[.accept]?.contains("text/html") != true
    }

    /// Where a person is led who opens the part's address: its links are relative to the page's.
    /// - Returns: nil for the script, which does not ask for pages.
    static func page(of request: Request) -> Response? {
        let path = request.uri.path
        guard !isAsked(for: request), path.hasSuffix(suffix) else { return nil }
        return .seeOther(path.dropLast(suffix.count) + (request.uri.query.map { "?" + $0 } ?? ""))
    }

    /// The part alone.
    func response(to request: Request) -> Response {
        let headers: HTTPFields = [.eTag: "\"\(tag)\""]
        guard !EntityTags.isKnown("\"\(tag)\"", to: request) else {
            return Response(status: .notModified, headers: headers)
        }
        var response = Response.page("\(counts)\(html)")
        response.headers[.eTag] = headers[.eTag]
        return response
    }

    /// The part as it stands in its page.
    /// - Parameters:
    ///   - seconds: how often the script asks for it.
    ///   - now: the time of the day that stands beside it.
    func block(of request: Request, everySeconds seconds: Int, now: String) -> HTML {
        let query = request.uri.query.map { "?" + $0 } ?? ""
        // Relative to the page.
        let page = request.uri.path.split(separator: "/").last.map(String.init) ?? ""
        return """
            <div data-live=\(tag)\(when(seconds != Self.usualSeconds, " data-seconds=\(seconds)"))><p class=fresh>\
            <span>As of \(now)</span> <a href=\(HTML.value(query.isEmpty ? page : query))>Refresh</a></p>\
            <div class=stack>\(html)</div></div>
            """
    }
}
