import TFStore

/// The site's start address, which leads to the visitor's first page.
enum HomeRoutes {
    static func add(to routes: inout RouteTable) {
        routes.page("/", .useSite, on: .account) { request, _ in home(of: request.identity) }
        routes.page("/c/{company}", .listDefinitionNames, on: .company) { request, _ in
            .elsewhere("/c/\(request.company.slug)/\(firstPage(of: request.actor))")
        }
    }

    private static func home(of identity: Identity) -> Page {
        if let company = identity.memberships.keys.min() { return .elsewhere("/c/\(company)") }
        if identity.systemRoles.contains(.admin) { return .elsewhere("/admin/companies") }
        return Page(
            "No company",
            Elements.empty(
                .notAllowed, "You belong to no company yet",
                """
                An admin has to make you a member of a company before there is something to do. Tell them your user name: \
                \(identity.account.login).
                """, actions: [Link("/account", "Your account")]))
    }

    /// The page in a company where somebody with these roles works most.
    private static func firstPage(of actor: Actor) -> String {
        if actor.has(.taskWorker) { return "my/tasks" }
        if actor.has(.ticketAdmin) { return "tickets" }
        if actor.has(.user) { return "my/tickets" }
        return actor.isAdmin ? "tickets" : "definitions"
    }
}
