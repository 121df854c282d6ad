import Foundation

/// The address of a filtered list: everything that is shown can be bookmarked, sent on and left with Back.
struct ListAddress: Sendable {
    private let path: String
    private let parameters: [(name: String, value: String)]

    init(_ path: String, _ parameters: [(String, String?)]) {
        self.path = path
        self.parameters = parameters.compactMap { name, value in value.map { (name, $0) } }
    }

    /// The same list with another value of a parameter.
    func with(_ name: String, _ value: String) -> ListAddress {
        ListAddress(path, without(name).parameters.map { ($0.name, $0.value) } + [(name, value)])
    }

    func without(_ name: String) -> ListAddress {
        ListAddress(path, parameters.filter { $0.name != name }.map { ($0.name, $0.value) })
    }

    /// The same filters at another address, such as that of the list as CSV.
    func at(_ path: String) -> ListAddress { ListAddress(path, parameters.map { ($0.name, $0.value) }) }

    var text: String {
        guard !parameters.isEmpty else { return path }
        return path + "?" + parameters.map { "\($0.name)=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    /// The parameters as hidden fields, for a form that adds one.
    var hidden: HTML {
        let fields = parameters.map { name, value -> HTML in
            #"<input type="hidden" name="\#(name)" value="\#(value)">"#
        }
        return "\(fields)"
    }

    /// Links to the pages before and behind; nothing if all fits on one.
    /// - Parameters:
    ///   - first: the cursor of the first row, for the page before.
    ///   - last: the cursor of the last row, for the page behind.
    func turns(isFirst: Bool, isLast: Bool, first: String?, last: String?) -> HTML {
        guard !isFirst || !isLast, let first, let last else { return .empty }
        let before: HTML = #"<a class="btn" rel="prev" href="\#(with("before", first).text)">Previous</a>"#
        let behind: HTML = #"<a class="btn" rel="next" href="\#(with("after", last).text)">Next</a>"#
        return """
            <nav class="row" aria-label="Pages">\(when(!isFirst, before))\(when(!isLast, behind))</nav>
            """
    }

    private static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }
}

/// The filters of a list in plain words, each of which can be removed.
struct FilterSentence {
    private let address: ListAddress
    private let parts: [(parameter: String, words: String)]

    /// - Parameter parts: parameters with their words; nil for a filter that is not set.
    init(_ address: ListAddress, _ parts: [(String, String?)]) {
        self.address = address
        self.parts = parts.compactMap { name, words in words.map { (name, $0) } }
    }

    var html: HTML {
        guard !parts.isEmpty else { return .empty }
        let pills = parts.map { parameter, words -> HTML in
            """
            <a class="count" href="\(address.without(parameter).text)">\(words) <span aria-hidden="true">✕</span>\
            <span class="vh">(remove)</span></a>
            """
        }
        return #"<p class="row sm">Only those \#(pills)</p>"#
    }
}
