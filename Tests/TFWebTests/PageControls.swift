import Foundation

/// What a browser knows of a page's forms: the controls with their names, ids and values.
struct PageControls {
    private let html: String

    init(_ html: String) { self.html = html }

    /// The values that a field offers: of its options, radios or boxes, in the page's order.
    func values(of name: String) -> [String] {
        if let list = html.range(of: "<select name=\"\(name)\"") {
            let rest = html[list.upperBound...]
            let options = rest.range(of: "</select>").map { rest[..<$0.lowerBound] } ?? rest
            return Self.attributes("value", of: "option", in: String(options)).filter { !$0.isEmpty }
        }
        return Self.tags("input", in: html).filter { $0.contains(" name=\"\(name)\"") && !$0.contains("type=\"text\"") }
            .compactMap { Self.attribute("value", of: $0) }
    }

    /// Every id of the page, and what its labels and descriptions name.
    var ids: [String] { Self.matches("\\sid=\"([^\"]*)\"", in: html).map(Self.unescaped) }

    var namedIDs: [String] {
        Self.matches("\\s(?:for|aria-describedby)=\"([^\"]*)\"", in: html).map(Self.unescaped)
            .flatMap { $0.split(separator: " ").map(String.init) }
            + Self.matches("href=\"#(f-[^\"]*)\"", in: html).map(Self.unescaped)
    }

    /// A value as browsers put it into a request: every line end is CR LF. Source: WHATWG HTML, "constructing the entry
    /// list" and its encodings.
    static func sent(_ value: String) -> String {
        let bytes = value.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return bytes.replacing("\n", with: "\r\n")
    }

    private static func attributes(_ name: String, of tag: String, in html: String) -> [String] {
        tags(tag, in: html).compactMap { attribute(name, of: $0) }
    }

    private static func tags(_ tag: String, in html: String) -> [String] {
        matches("<\(tag)\\s([^>]*)>", in: html).map { " \($0)" }
    }

    private static func attribute(_ name: String, of tag: String) -> String? {
        matches("\\s\(name)=\"([^\"]*)\"", in: tag).first.map(unescaped)
    }

    private static func matches(_ pattern: String, in text: String) -> [String] {
        guard let expression = try? NSRegularExpression(pattern: pattern) else { return [] }
        return expression.matches(in: text, range: NSRange(text.startIndex..., in: text)).compactMap { match in
            Range(match.range(at: 1), in: text).map { String(text[$0]) }
        }
    }

    private static func unescaped(_ text: String) -> String {
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .reduce(text) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
    }
}
