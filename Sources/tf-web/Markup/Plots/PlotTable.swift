/// The figures of a plot as a table, on the page and for a spreadsheet.
struct PlotTable: Sendable {
    enum Cell: Sendable {
        case text(String)
        /// A text that leads to what is counted.
        case link(String, to: String)
        case count(Int)
        /// In milliseconds; a spreadsheet gets minutes.
        case length(Int64)

        fileprivate var shown: HTML {
            switch self {
            case .text(let text): "\(text)"
            case .link(let text, let path): #"<a href="\#(path)">\#(text)</a>"#
            case .count(let count): "\(count)"
            case .length(let length): "\(Times.length(length))"
            }
        }

        fileprivate var inSheet: String {
            switch self {
            case .text(let text), .link(let text, _): text
            case .count(let count): String(count)
            case .length(let length): Plot.number(Double(length) / 60_000)
            }
        }
    }

    let title: String
    /// The first column names the row.
    let heads: [String]
    let rows: [[Cell]]

    var html: HTML {
        let head = heads.enumerated().map { index, head -> HTML in
            #"<th scope="col"\#(when(index > 0, " class=\"num\""))>\#(head)</th>"#
        }
        let body = rows.map { cells -> HTML in
            let columns = cells.enumerated().map { index, cell -> HTML in
                index == 0 ? #"<th scope="row">\#(cell.shown)</th>"# : #"<td class="num">\#(cell.shown)</td>"#
            }
            return "<tr>\(columns)</tr>"
        }
        return """
            <table><caption class="vh">\(title)</caption><thead><tr>\(head)</tr></thead><tbody>\(body)</tbody></table>
            """
    }

    /// The table for a spreadsheet; heads of times say that they are in minutes.
    func reply(named name: String) -> Reply {
        let isTime = heads.indices.map { index in
            rows.contains { row in if case .length = row[index] { true } else { false } }
        }
        let heads = zip(heads, isTime).map { $1 ? "\($0) (minutes)" : $0 }
        return CSV.response(name, heads, rows.map { $0.map(\.inSheet) }, next: nil)
    }
}

/// A plot on a card: what to see in it, the plot, and its table.
struct PlotCard: Sendable {
    let title: String
    /// One sentence that says what to see.
    let sentence: String
    let plot: HTML
    let table: PlotTable
    /// The address of the table for a spreadsheet.
    let download: String

    var html: HTML {
        """
        <figure class="card plot stack"><figcaption><h2>\(title)</h2><p class="sm soft">\(sentence)</p></figcaption>\
        \(plot)<details><summary class="sm soft">Show as a table</summary>\(table.html)\
        <p class="sm"><a href="\(download)">Download as CSV<span class="vh">: \(title)</span></a></p></details></figure>
        """
    }
}
