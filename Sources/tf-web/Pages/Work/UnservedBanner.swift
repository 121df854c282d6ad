import TFEngine
import TFStore

/// Tasks that should be assigned and cannot be: why, the oldest of them, and the ways out.
struct UnservedBanner: Sendable {
    /// How many reasons are told.
    private static let limit = 5

    let company: Company
    /// Each with its number of tasks.
    let reasons: [(reason: String, tasks: Int)]
    let oldest: TaskRecord?
    let count: Int
    /// Tasks that nobody has, these among them.
    let unassigned: Int
    /// Those among them for which the queues have yet to look for a worker.
    let beingAssigned: Int
    let mayGiveRoles: Bool
    let now: Int64

    /// - Parameter scope: the tasks that the visitor manages.
    init(_ request: ProvedRequest<InCompany>, _ scope: TaskScope, _ session: CompanyReadSession) throws {
        company = request.company
        reasons = try session.unserved(scope: scope)
        count = reasons.reduce(0) { $0 + $1.tasks }
        var (all, soon) = (TaskFilter(), TaskFilter())
        all.isUnassigned = true
        soon.isBeingAssigned = true
        unassigned = try session.taskCount(scope: scope, filter: all)
        beingAssigned = try session.taskCount(scope: scope, filter: soon)
        oldest = reasons.isEmpty ? nil : try session.oldestUnserved(scope: scope)
        mayGiveRoles = request.subject.may(.giveCompanyRoles)
        now = request.now
    }

    /// The other tasks that nobody has; nothing if there are none.
    var others: HTML {
        let left = unassigned - count - beingAssigned
        let after = left == 1 ? "it is" : "they are"
        return """
            \(told(beingAssigned, "being assigned"))\
            \(told(left, "with nobody until \(after) claimed or assigned"))
            """
    }

    private func told(_ tasks: Int, _ how: String) -> HTML {
        guard tasks > 0 else { return .empty }
        return """
            <p class="sm"><a href="/c/\(company.slug)/tasks?unassigned=true">\(Words.count(tasks, "task"))</a> \
            \(tasks == 1 ? "is" : "are") \(how).</p>
            """
    }

    var html: HTML {
        guard let oldest, count > 0 else { return .empty }
        let items = reasons.prefix(Self.limit).map { "<li>\(Words.count($0.tasks, "task")): \($0.reason)</li>" as HTML }
        let waited = Times.roughly(max(0, now - oldest.createdAtMs))
        let base = "/c/\(company.slug)"
        let assign =
            count == 1 ? "\(base)/tasks/\(oldest.id)" : "\(base)/tasks?unassigned=true&stuck=true"
        return """
            <section class="banner fail"><div class="row"><div><h2>\(Words.count(count, "task")) that nobody can do</h2>\
            <ul class="sm">\(items)</ul><p class="sm">\(count == 1 ? "It is" : "The oldest is") \
            <a href="\(base)/tasks/\(oldest.id)">\(oldest.title)</a> of #\(oldest.ticketNumber), which has waited for \
            \(waited).</p></div><div class="row end">\
            \(when(mayGiveRoles, "<a class=\"btn small\" href=\"\(base)/roles\">Give somebody the role</a>"))\
            <a class="btn small" href="\(assign)">Assign \(count == 1 ? "it" : "them") to a person</a></div></div></section>
            """
    }
}
