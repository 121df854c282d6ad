import TFStore

/// Asks before an account is disabled or enabled, and tells the consequences.
enum StandingPage {
    @Sendable static func make(_ request: ProvedRequest<OnUser>, _ session: ReadSession) throws -> Page {
        let user = request.user
        guard request.signedIn.account.id != user.account.id else {
            throw Failure.forbidden("Nobody disables their own account. Ask another admin.")
        }
        let path = "/admin/users/\(user.account.login)"
        let isDisabled = user.account.isDisabled
        let consequences =
            isDisabled
            ? enabling(user)
            : try disabling(
                user, sessions: session.sessions(of: user.account.id, now: request.now).count,
                tasks: tasks(of: user, session))
        let question = "\(isDisabled ? "Enable" : "Disable") the account of \(user.account.name)?"
        return Page(
            question,
            """
            \(Elements.head("\(question)", back: [
                Link("/admin/users", "Users"), Link(path, user.account.name),
            ]))\
            <form method="post" action="\(path)" class="card stack">\
            \(request.tags.hidden(version: user.account.version))\
            <input type="hidden" name="disabled" value="\(isDisabled ? "false" : "true")">\
            <ul>\(consequences.map { sentence -> HTML in "<li>\(sentence)</li>" })</ul>\
            <div class="row"><button class="\(isDisabled ? "primary" : "primary danger")">\(isDisabled ? "Enable" : "Disable") \
            the account</button><a class="btn" href="\(path)">No, go back</a></div></form>
            """
        ).under(.admin)
    }

    /// The number of open tasks, by the company's name.
    private static func tasks(of user: Identity, _ session: ReadSession) throws -> [(company: String, count: Int)] {
        try user.memberships.values.sorted { $0.company.name < $1.company.name }.compactMap { membership in
            let open = try session.inside(membership.company.id).openTasks(of: user.account.login).count
            return open == 0 ? nil : (membership.company.name, open)
        }
    }

    private static func disabling(
        _ user: Identity, sessions: Int, tasks: [(company: String, count: Int)]
    ) -> [String] {
        let sum = tasks.reduce(0) { $0 + $1.count }
        let places = tasks.map { "\($0.count) in \($0.company)" }.joined(separator: ", ")
        let end =
            sessions == 0 ? "" : sessions == 1 ? ", and their session ends" : ", and their \(sessions) sessions end"
        let verb = sum == 1 ? "task goes" : "tasks go"
        return [
            "They cannot sign in any more\(end).",
            sum == 0 ? "They have no open task." : "Their \(sum) open \(verb) back to be assigned: \(places).",
            "Their tickets stay open, and everything they did stays under their name.",
            "You can enable the account again; tasks that went to others stay there.",
        ]
    }

    private static func enabling(_ user: Identity) -> [String] {
        let workplaces = user.memberships.values.filter { $0.systemRoles.contains(.taskWorker) }.map(\.company.name)
        return [
            user.account.password == nil
                ? "They need a link to choose a password: make one afterwards."
                : "They can sign in again, with the password they had.",
            workplaces.isEmpty
                ? "Their roles and companies are as they were."
                : "They get tasks again in \(workplaces.sorted().joined(separator: " and ")), if they are available there.",
        ]
    }
}
