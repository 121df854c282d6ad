import TFStore

/// The question about somebody's rights, and its answer.
struct AccessPage {
    let query: AccessQuery
    let answer: AccessAnswer?
    /// What is missing from the question, or wrong with it.
    let problem: HTML?
    /// Accounts and companies that the form offers.
    let people: [Account]
    let companies: [Company]

    var page: Page {
        Page(
            "Who may what",
            """
            \(SitePage.access.tabs)\(Elements.head("Who may what, and why"))\
            <p class="soft">The answer comes from the rule that decides when they try.</p>\
            \(problem.map { Elements.banner(.wait, $0) })\(parts)
            """
        ).under(.admin)
    }

    /// The answer comes first, for who has asked already.
    private var parts: HTML {
        answer == nil
            ? #"<div class="cols halves">\#(form)\#(verdict)</div>"# : #"<div class="cols">\#(verdict)\#(form)</div>"#
    }

    private var verdict: HTML {
        guard let answer else {
            return Elements.empty(
                .nothingYet, "Ask about a person and an action",
                "“Why does Dave not see ticket #31?” “Why may Uma submit a purchase?” The steps to the answer stand here."
            )
        }
        let name = answer.identity.account.name
        let company = answer.company.flatMap { $0.name == answer.name ? nil : ", in \($0.name)" } ?? ""
        let verdict = answer.isAllowed ? "Yes: \(name) may" : "No: \(name) may not"
        let title = "\(verdict) \(answer.action.words)"
        return """
            <div class="stack">\(Elements.banner(
                answer.isAllowed ? .done : .fail, "\(title)", "It is about \(answer.name)\(company). \(answer.outcome)"))\
            <section class="card"><header><h2>\(name)…</h2></header><ul class="menu stack">\
            \(answer.reasons.map(step))</ul></section>\
            <p class="row"><a class="btn" href="/admin/users/\(answer.identity.account.login)">The account of \(name)</a>\
            \(membership(answer))</p></div>
            """
    }

    private func step(_ reason: PolicyReason) -> HTML {
        let condition: HTML =
            reason.isMet ? "\(reason.condition)" : #"<span class="soft">\#(reason.condition)</span>"#
        let because = reason.because.map { because -> HTML in " <small>No: \(because).</small>" }
        return """
            <li>\(Elements.glyph(reason.isMet ? .done : .off, reason.isMet ? "Yes:" : "No:")) \(condition)\(because)</li>
            """
    }

    private func membership(_ answer: AccessAnswer) -> HTML {
        guard let company = answer.company, answer.identity.memberships[company.slug] != nil else { return .empty }
        let login = answer.identity.account.login
        return """
            <a class="btn" href="/admin/companies/\(company.slug)/members/\(login)">Their membership of \(company.name)</a>
            """
    }

    // MARK: Form

    private var form: HTML {
        """
        <form action="/admin/access" class="card stack">\
        \(field("person", "Who", hint: "A name or a user name.", """
                <input class="wide" id="person" name="person" value="\(query.person)" list="people" autocomplete="off" \
                autocapitalize="none" aria-describedby="person:hint">\(PeopleOptions(id: "people", accounts: people).html)
                """))\
        \(field("action", "May", hint: nil, #"<select class="wide" id="action" name="action">\#(actions)</select>"#))\
        \(field("company", "In", hint: nil, """
                <select class="wide" id="company" name="company"><option value="">Choose a company</option>\(places)</select>
                """))\
        \(field("object", "Which one", hint: "The number of the ticket or task, or the short name of the type.", """
                <input id="object" name="object" value="\(query.object)" size="12" autocomplete="off" \
                aria-describedby="object:hint">
                """))<button class="primary">Explain</button></form>
        """
    }

    private var actions: HTML {
        let groups = Action.Object.allCases.map { object -> HTML in
            let options = Action.allCases.filter { $0.object == object }.map { action -> HTML in
                """
                <option value="\(action.rawValue)"\(when(query.action == action, " selected"))>\(action.words)</option>
                """
            }
            return #"<optgroup label="\#(object.label)">\#(options)</optgroup>"#
        }
        return "\(groups)"
    }

    private var places: HTML {
        let options = companies.map { company -> HTML in
            """
            <option value="\(company.slug)"\(when(query.company == company.slug, " selected"))>\(company.name)</option>
            """
        }
        return "\(options)"
    }

    private func field(_ id: String, _ label: String, hint: String?, _ control: HTML) -> HTML {
        let help = hint.map { h -> HTML in #"<span class="hint" id="\#(id):hint">\#(h)</span>"# }
        return #"<div class="field"><label for="\#(id)">\#(label)</label>\#(help)\#(control)</div>"#
    }
}

extension Action.Object {
    fileprivate var label: String {
        switch self {
        case .site: "The site"
        case .company: "A company"
        case .ticketType: "A type of ticket"
        case .ticket: "A ticket"
        case .task: "A task"
        }
    }
}
