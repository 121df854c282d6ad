import TFDefinition
import TFStore

/// The failed tickets that still wait in a workflow or a form, in words that lead to them.
struct FailedTicketWords {
    let count: Int
    /// A part of a sentence, such as "2 failed tickets wait for a decision"; nil: there are none.
    let html: HTML?

    init(_ failed: [FailedTickets], on: OnDefinition, _ session: CompanyReadSession) throws {
        let types = Dictionary(grouping: failed, by: \.type).mapValues { $0.reduce(0) { $0 + $1.count } }
            .sorted { $0.key < $1.key }
        let count = types.reduce(0) { $0 + $1.value }
        self.count = count
        guard count > 0 else {
            html = nil
            return
        }
        let wait = count == 1 ? "waits" : "wait"
        let words: HTML = "\(counted(count, "failed ticket")) \(wait) for a decision"
        guard on.listsTickets else {
            html = words
            return
        }
        let titles = try session.titles(of: .ticket, named: Set(types.map { $0.key }))
        // The lists hold all failed tickets of a form, whichever workflow they were in: they show no number here.
        let links = types.map { type, _ -> HTML in
            let path = "/c/\(on.company.slug)/tickets?state=failed&type=\(type)"
            return #"<a href="\#(path)">failed tickets of “\#(titles[type])”</a>"#
        }
        html = "\(words) (\(Words.list(links)))"
    }
}
