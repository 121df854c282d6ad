import TFDefinition
import TFStore

/// The unassigned tasks that the visitor may claim.
enum PoolPage {
    @Sendable static func make(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws -> Page {
        let tasks = try session.pool(
            scope: request.actor.tasks, roles: request.actor.membership?.companyRoles ?? [],
            login: request.account.login)
        return Page(
            "Tasks to claim",
            """
            <h1>Tasks to claim</h1>\
            \(tasks.isEmpty
                ? Elements.empty("No task waits for somebody with your roles.")
                : table(tasks, request))
            """)
    }

    private static func table(_ tasks: [TaskRecord], _ request: ProvedRequest<InCompany>) -> HTML {
        let company = request.company
        return Elements.table(
            "Tasks that nobody has", ["Task", "Why nobody has it", "Due", "Claim"],
            tasks.map { task in
                let path = "/c/\(company.slug)/tasks/\(task.id)"
                return [
                    #"<a href="\#(path)">\#(task.title)</a>"#, "\(task.waitingBecause)",
                    Elements.due(task.dueAtMs, now: request.now, company),
                    """
                    <form method="post" action="\(path)/claim">\(request.tags.hidden(version: task.version))\
                    <button class="second">Claim<span class="hidden"> \(task.title)</span></button></form>
                    """,
                ]
            })
    }
}
