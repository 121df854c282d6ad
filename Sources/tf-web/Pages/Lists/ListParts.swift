import TFStore

/// Parts that all lists share.
enum ListParts {
    /// Links to the neighbours; nothing if all rows are on the page.
    static func pager<Row>(_ page: RowPage<Row>, _ address: FilteredAddress) -> HTML {
        guard !page.isWhole else { return .empty }
        let previous: HTML? = page.previous.map { cursor in
            #"<a class="btn small" href="\#(address.with("before", cursor).text)" rel="prev">Previous</a>"#
        }
        let next: HTML? = page.next.map { cursor in
            #"<a class="btn small end" href="\#(address.with("after", cursor).text)" rel="next">Next</a>"#
        }
        return #"<nav class="row" aria-label="Pages">\#(previous)\#(next)</nav>"#
    }

    /// A count for a tab: "1,000+" where counting stopped.
    static func export(_ address: FilteredAddress) -> HTML {
        #"<a class="btn small" href="\#(address.text)" download>Export CSV</a>"#
    }

    /// A name from a definition, such as `grant-access`, for people: "Grant access".
    static func words(_ name: String) -> String {
        let words = name.replacing("-", with: " ").replacing("_", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
