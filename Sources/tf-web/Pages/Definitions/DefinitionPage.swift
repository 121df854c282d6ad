import TFDefinition
import TFStore

/// The page of one definition: how it goes or looks, its text with its problems, what uses it, and its revisions.
struct DefinitionPage {
    private let on: OnDefinition
    private let definition: Definition
    /// The path of its file, as people know it.
    private let file: String
    private let problems: DefinitionProblems
    private let aside: DefinitionAside
    /// Who first published its text, and who changed it last; nil: it is not known.
    private let publisher, changer: Publisher?
    /// The diagram, or the form; nil: it has neither.
    private let picture: HTML?
    private let underWay: Int
    private let failed: FailedTicketWords
    /// What it needs that is retired, with the titles.
    private let missing: [(row: DefinitionRow, title: String)]
    private let times: Times

    private var row: DefinitionRow { on.definition }

    static func make(
        _ request: ProvedRequest<OnDefinition>, _ session: CompanyReadSession, _ places: DefinitionPlaces
    ) throws -> Page {
        let (on, row) = (request.subject, request.definition)
        let definition = try session.revision(row.revisionID)
        let rows = try session.definitions()
        let underWay = try session.underWay(with: row.id, row.kind)
        let failed = try session.failedTickets(with: row.id, row.kind)
        let uses = try DefinitionUses(rows, session)
        let used = row.state == .retired ? [] : uses.used(by: .init(kind: row.kind, name: row.name))
        let problems = DefinitionProblems(
            row.problems(among: try session.problems())
                + (try unheldRoles(row, calling: used, among: rows, session)), of: row.file)
        let publishers = try session.publishers(of: row)
        let page = DefinitionPage(
            on: on, definition: definition, file: places.shown(row.file), problems: problems,
            aside: DefinitionAside(
                on: on, uses: uses, revisions: try session.revisions(ofDefinition: row.id),
                publishers: publishers,
                underWay: underWay, failed: failed, times: request.times, roleLabels: try session.roleLabels()),
            publisher: publishers[row.revisionID], changer: try session.lastChanger(of: row),
            picture: try picture(definition, request, session), underWay: underWay.values.reduce(0, +),
            failed: try FailedTicketWords(failed, on: on, session),
            missing: try used.compactMap { name in
                try uses.retired(name).map { (row: $0, title: try session.revision($0.revisionID).shownTitle) }
            },
            times: request.times)
        return Page(definition.shownTitle, page.html).under(.definitions)
    }

    /// The warnings that members' roles decide, and that are stored nowhere for that.
    private static func unheldRoles(
        _ row: DefinitionRow, calling used: [DefinitionUses.Name], among rows: [DefinitionRow],
        _ session: CompanyReadSession
    ) throws -> [Diagnostic] {
        guard row.state != .retired, let entry = try session.catalogEntry(row) else { return [] }
        let called = Set(used.filter { $0.kind == .task }.map(\.name)).union(row.kind == .task ? [row.name] : [])
        let tasks = rows.filter { $0.kind == .task && $0.state != .retired && called.contains($0.name) }
        return UnheldRoles(
            held: try session.heldRoles(), declared: try session.companyRoles(),
            tasks: try tasks.compactMap { try session.revision($0.revisionID).task }
        ).warnings(of: entry)
    }

    private static func picture(
        _ definition: Definition, _ request: ProvedRequest<OnDefinition>, _ session: CompanyReadSession
    ) throws -> HTML? {
        let row = request.definition
        guard case .workflow(let workflow) = definition else {
            guard let form = DefinitionPicture(company: request.company, now: request.now).form(definition) else {
                return nil
            }
            let who = row.kind == .ticket ? "asks" : "does it"
            return Elements.card("The form", note: "As whoever \(who) sees it", form)
        }
        let graph = try session.graph(of: workflow)
        let figures = try WorkflowFigures(workflow, graph, row, request, session)
        let diagram = try WorkflowDiagram(graph, revision: row.revisionID, session).html(
            states: figures.states, .right, title: definition.shownTitle)
        return Elements.card(
            "How it goes", note: figures.legend, "\(diagram)\(figures.table)")
    }

    private var html: HTML {
        """
        \(head)\(note)\(retired)\(outOfForce)\(picture)\
        <div class="cols"><section class="stack" aria-labelledby="source">\
        <div class="row"><h2 id="source">Source</h2>\
        <span class="soft sm">\(counted(DefinitionSource.lines(row.source).count, "line")), \(file)</span></div>\
        \(DefinitionSource(source: row.source, problems: problems.lines).html)</section>\
        <aside class="stack" aria-label="About this \(row.kind.word)">\(problems.banner)\(aside.html)</aside></div>
        """
    }

    private var head: HTML {
        Elements.definitionHead(
            definition.shownTitle, place: definition.shownTitle, note: Elements.tag(row.state.tone, row.state.label),
            actions: actions, back: [Elements.definitions(of: on.company)])
    }

    private var note: HTML {
        let parts: [HTML] = [
            "<span>\(row.kind.word.capitalized) <code>\(row.name)</code>\(row.version.isEmpty ? "" : ", version \(row.version)")</span>",
            row.kind.underWay(underWay).map { words -> HTML in "<span>\(words)</span>" } ?? .empty,
            failed.html.map { words -> HTML in "<span>\(words)</span>" } ?? .empty,
            "<span>Published \(times.near(row.publishedAtMs))\(publisher?.words)</span>", stateChange,
        ]
        return #"<p class="row sm soft">\#(parts)</p>"#
    }

    /// When it went out of force, or came into force again with a text that it had before.
    private var stateChange: HTML {
        switch (row.state, changer) {
        case (.retired, .files?):
            return "<span>Retired \(times.near(row.updatedAtMs)), when its file was gone</span>"
        case (.retired, _): return "<span>Retired \(times.near(row.updatedAtMs))\(changer?.words)</span>"
        case (.active, .person?), (.incomplete, .person?):
            guard row.updatedAtMs != row.publishedAtMs else { return .empty }
            return "<span>Brought into force again \(times.near(row.updatedAtMs))\(changer?.words)</span>"
        // A file that is moved changes nothing that people ask for.
        case (.active, .files?), (.active, nil), (.incomplete, .files?), (.incomplete, nil): return .empty
        }
    }

    private var retired: HTML {
        guard row.state == .retired else { return .empty }
        let back: HTML =
            #"<a class="btn small" href="\#(on.path)/revisions/\#(row.sha256)/publication">Bring it back…</a>"#
        return Elements.banner(
            .off, "Retired", "Nothing new starts with it; what runs finishes.", actions: when(on.mayEdit, back))
    }

    /// Says of what it needs that it is retired, and how it comes back.
    private var outOfForce: HTML {
        let banners = missing.map { row, title -> HTML in
            let path = "/c/\(on.company.slug)/definitions/\(row.kind.rawValue)/\(row.name)"
            let back: HTML =
                #"<a class="btn small" href="\#(path)/revisions/\#(row.sha256)/publication">Bring it back…</a>"#
            return Elements.banner(
                .fail, "The \(row.kind.word) “\(title)” is retired",
                "This \(self.row.kind.word) needs <a href=\"\(path)\">it</a>: nothing new starts before it is back, or another is named in its place.",
                actions: when(on.mayEdit, back))
        }
        return "\(banners)"
    }

    private var actions: HTML {
        let download: HTML = #"<a href="\#(on.path)/file">Download YAML</a>"#
        guard on.mayEdit else { return #"<a class="btn small" href="\#(on.path)/file">Download YAML</a>"# }
        var more: [HTML] = [
            download,
            #"<a href="/c/\#(on.company.slug)/definitions/new?copy=\#(row.kind.rawValue):\#(row.name)">Make a copy</a>"#,
        ]
        if row.state != .retired { more.append(#"<a class="danger" href="\#(on.path)/retirement">Retire…</a>"#) }
        let dryRun: HTML = #"<a class="btn small" href="\#(on.path)/dry-run">Dry run</a>"#
        return """
            \(when(row.kind == .workflow, dryRun))<a class="btn small primary" href="\(on.path)/edit">Edit</a>\
            \(Elements.menu("More", more))
            """
    }
}

extension DefinitionRow {
    /// What `If-Match` has to name.
    var entityTag: String { Self.entityTag(ofRevision: sha256, isRetired: state == .retired) }

    static func entityTag(ofRevision sha256: String, isRetired: Bool = false) -> String {
        "\"\(sha256)\(isRetired ? "-retired" : "")\""
    }

    /// Whether a revision is the one in force.
    func isCurrent(_ revision: RevisionRow) -> Bool { revision.id == revisionID && state != .retired }
}

extension Elements {
    /// The link back to the list.
    static func definitions(of company: Company) -> Link {
        Link("/c/\(company.slug)/definitions", "Workflows and forms")
    }

    /// The top of a definition's page: as `head`, with a state beside the title.
    /// - Parameter place: the page's own name behind the way back.
    static func definitionHead(
        _ title: String, place: String, note: HTML = .empty, actions: HTML = .empty, back: [Link]
    ) -> HTML {
        let way = back.map { link -> HTML in #"<a href="\#(link.path)">\#(link.label)</a> <span class="soft">/</span> "#
        }
        return """
            <p class="sm">\(way)<span class="soft">\(place)</span></p><div class="row"><h1>\(title)</h1>\(note)\
            \(when(!actions.bytes.isEmpty, #"<div class="row end">\#(actions)</div>"#))</div>
            """
    }
}
