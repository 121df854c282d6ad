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
        func link(_ type: String, _ words: String) -> HTML {
            guard on.listsTickets else { return "\(words)" }
            return #"<a href="/c/\#(on.company.slug)/tickets?state=failed&amp;type=\#(type)">\#(words)</a>"#
        }
        let words = counted(count, "failed ticket")
        guard types.count > 1 else {
            html = "\(link(types[0].key, words)) \(wait) for a decision"
            return
        }
        let titles = Dictionary(
            try session.ticketTypes().map { ($0.name, $0.title) }, uniquingKeysWith: { first, _ in first })
        let parts = types.map { type, many in link(type, "\(many) of “\(titles[type] ?? ReadableName.title(type))”") }
        html = "\(words) \(wait) for a decision (\(Words.list(parts)))"
    }
}
