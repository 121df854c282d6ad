import TFStore

/// Parts that all lists share.
enum ListParts {
    /// Links to the neighbours; nothing if all rows are on the page.
    static func pager<Row>(_ page: RowPage<Row>, _ address: ListAddress) -> HTML {
        page.isWhole ? .empty : pager(previous: page.previous, next: page.next, address)
    }

    /// The same for a list with cursors of its own; nothing if it has neither neighbour.
    static func pager(previous: String?, next: String?, _ address: ListAddress) -> HTML {
        guard previous != nil || next != nil else { return .empty }
        let previous: HTML? = previous.map { cursor in
            #"<a class="btn small" href="\#(address.with("before", cursor).href)" rel=prev>Previous</a>"#
        }
        let next: HTML? = next.map { cursor in
            #"<a class="btn small end" href="\#(address.with("after", cursor).href)" rel=next>Next</a>"#
        }
        return "<nav class=row aria-label=Pages>\(previous)\(next)</nav>"
    }

    /// What a page says whose rows are elsewhere by now.
    static func gone(_ address: ListAddress) -> HTML {
        Elements.empty(
            .noMatch, "Nothing is on this page any more", "The list has changed since.",
            actions: [Link(address.text, "Go to its beginning")])
    }

    /// Why a task is on hold, short enough for its row.
    static func holdReason(_ reason: String?) -> RowTable.Cell {
        .text(reason.map { Elements.whole(Words.quoted(Words.excerpt($0, limit: 60))) } ?? .empty)
    }

    /// A link to exactly this list as a file.
    static func export(_ list: ListAddress) -> HTML {
        var file = list.at("\(list.path).csv")
        file.isOfPage = list.isOfPage
        return "<a class=\"btn small\" href=\(HTML.value(file.href))>Export CSV</a>"
    }
}
