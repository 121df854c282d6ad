import TFStore

/// Tells the reasons why some tasks have no eligible worker at present.
struct UnservedTasks: Sendable {
    private let reasons: [(reason: String, tasks: Int)]
    private let company: Company

    init(reasons: [(reason: String, tasks: Int)], in company: Company) {
        self.reasons = reasons
        self.company = company
    }

    var html: HTML {
        guard !reasons.isEmpty else { return .empty }
        let sentences = reasons.map { reason, tasks in "\(tasks) \(tasks == 1 ? "task" : "tasks"): \(reason)" }
        return Elements.banner(
            .wait, "Nobody can have these", "\(sentences.joined(separator: ". ")).",
            actions:
                #"<a class="btn small" href="/c/\#(company.slug)/tasks?unassigned=true&amp;stuck=true">Show them</a>"#)
    }
}
