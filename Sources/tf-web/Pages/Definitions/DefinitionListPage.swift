import TFDefinition
import TFStore

/// The company's definitions with their problems.
enum DefinitionListPage {
    @Sendable static func make(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws -> Page {
        let (rows, problems) = (try session.definitions(), try session.problems())
        let new: HTML = """
            <p><a class="button" href="/c/\(request.company.slug)/definitions/new">New definition</a></p>
            """
        return Page(
            "Definitions",
            """
            <h1>Definitions</h1>\
            \(problems.isEmpty ? "<p>All files are in order.</p>" : DefinitionProblems(problems).html)\
            \(when(request.subject.may(.editDefinitions), new))\
            \(rows.isEmpty
                ? Elements.empty("No definition is published. Drop a file into the company's directory.")
                : table(rows, problems, request.company))
            """)
    }

    private static func table(_ rows: [DefinitionRow], _ problems: [Diagnostic], _ company: Company) -> HTML {
        Elements.table(
            "A revision is named by the beginning of its SHA-256",
            ["Name", "Kind", "Version", "State", "Revision", "File", "Published"],
            rows.map { row in
                let path = "/c/\(company.slug)/definitions/\(row.kind.rawValue)/\(row.name)"
                return [
                    #"<a href="\#(path)">\#(row.name)</a>"#, "\(row.kind.rawValue)", "\(row.version)",
                    state(row, problems: row.problems(among: problems).count), .revision(row.sha256), "\(row.file)",
                    Elements.time(row.updatedAtMs, company),
                ]
            })
    }

    private static func state(_ row: DefinitionRow, problems: Int) -> HTML {
        let count: HTML = problems == 0 ? .empty : " \(problems) problem\(problems == 1 ? "" : "s")"
        return "\(row.state.tag)\(count)"
    }
}

extension DefinitionRow.State {
    var tag: HTML {
        let kind =
            switch self {
            case .active: "good"
            case .incomplete: "bad"
            case .retired: "off"
            }
        return #"<span class="tag \#(kind)">\#(rawValue)</span>"#
    }
}

extension HTML {
    /// The first characters of a revision's checksum, enough for people to tell revisions apart.
    static func revision(_ sha256: String) -> HTML { "<code>\(sha256.prefix(10).description)</code>" }

    /// A definition's text with line numbers.
    static func numbered(_ source: String) -> HTML {
        let lines = source.sourceLines
        let width = String(lines.count).count
        let text = lines.enumerated().map { index, line in
            let number = String(index + 1)
            return String(repeating: " ", count: width - number.count) + number + "  " + line
        }
        return "<pre tabindex=\"0\">\(text.joined(separator: "\n"))</pre>"
    }
}
