import Foundation

/// The address of a list: its path and the conditions in the query, in an order of their own, so that two addresses of
/// the same list are equal.
struct ListAddress: Sendable, Hashable {
    struct Item: Sendable, Hashable {
        let name: String
        let value: String
    }

    let path: String
    private(set) var items: [Item]
    /// Whether it is the address of the page that shows it, to which its links are then relative: a list has many.
    var isOfPage = false

    init(_ path: String, _ items: [(name: String, value: String?)] = []) {
        self.path = path
        self.items = items.compactMap { item in item.value.map { Item(name: item.name, value: $0) } }
    }

    /// The same list with another value for a condition; nil removes it. The conditions' order stays.
    func with(_ name: String, _ value: String?) -> ListAddress {
        var address = self
        let index = items.firstIndex { $0.name == name } ?? items.endIndex
        address.items.removeAll { $0.name == name }
        if let value { address.items.insert(Item(name: name, value: value), at: min(index, address.items.endIndex)) }
        return address
    }

    func without(_ names: String...) -> ListAddress {
        var address = self
        address.items.removeAll { names.contains($0.name) }
        return address
    }

    /// Whether it has the same conditions, in whatever order.
    func isSame(as other: ListAddress) -> Bool { path == other.path && Set(items) == Set(other.items) }

    /// The same conditions at another path, such as that of the list as a file.
    func at(_ path: String) -> ListAddress {
        ListAddress(path, items.map { ($0.name, $0.value) })
    }

    /// The query without `?`; empty if there is no condition.
    var query: String {
        items.map { "\($0.name)=\(Self.encoded($0.value))" }.joined(separator: "&")
    }

    var text: String { items.isEmpty ? path : "\(path)?\(query)" }

    /// The same for a link on the page.
    var href: String {
        guard isOfPage else { return text }
        let name = path.split(separator: "/").last.map(String.init) ?? path
        // A file beside the page is named; the page itself is where the link is.
        return items.isEmpty ? name : "\(name.contains(".") ? name : "")?\(query)"
    }

    static func == (left: ListAddress, right: ListAddress) -> Bool {
        left.path == right.path && left.items == right.items
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(path)
        hasher.combine(items)
    }

    /// Another view of the same list.
    func view(_ items: [(name: String, value: String?)]) -> ListAddress {
        var view = ListAddress(path, items)
        view.isOfPage = isOfPage
        return view
    }

    /// The conditions as hidden fields, for a form that adds one.
    var hidden: HTML {
        let fields = items.map { item -> HTML in
            #"<input type="hidden" name="\#(item.name)" value="\#(item.value)">"#
        }
        return "\(fields)"
    }

    /// A value of a query, percent-encoded (RFC 3986, 2.3).
    static func encoded(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
}
