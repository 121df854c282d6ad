import TFDefinition
import TFEngine
import TFStore

/// The pages that ask before a definition goes out of force, or another text comes into force.
enum DefinitionConfirmPage {
    static func retirement(
        _ request: ProvedRequest<OnDefinition>, _ session: CompanyReadSession, _ places: DefinitionPlaces
    ) throws -> Page {
        let row = request.definition
        // There is nothing to confirm any more: the definition's own page says how it stands.
        guard row.state != .retired else { return .elsewhere(request.subject.path) }
        let definition = try session.revision(row.revisionID)
        let underWay = try session.underWay(with: row.id, row.kind).values.reduce(0, +)
        let failed = try FailedTicketWords(
            session.failedTickets(with: row.id, row.kind), on: request.subject, session)
        let uses = try DefinitionUses(try session.definitions(), session)
        let users = uses.users(of: DefinitionUses.Name(kind: row.kind, name: row.name))
        var consequences: [HTML] = [
            row.kind == .ticket
                ? "Nobody can send a new ticket with it." : "Nothing new starts with it.",
            underWay == 0
                ? failed.count == 0 ? "Nothing is under way with it now." : "Nothing else is under way with it now."
                : "\(row.kind.underWay(underWay) ?? ""), and \(underWay == 1 ? "finishes as it" : "finish as they") began.",
        ]
        if let words = failed.html { consequences.insert("\(words).", at: 1) }
        consequences += users.map { user in
            "The \(user.kind.word) “\(uses.titles[user] ?? user.name)” uses it, and stops working for new tickets."
        }
        consequences.append(
            "Its file \(places.shown(row.file)) is removed. All revisions stay, and you can bring it back.")
        return page(
            "Retire “\(definition.shownTitle)”?", of: definition.shownTitle, consequences,
            action: (
                "\(request.subject.path)/retirement",
                #"<button class="primary danger">Retire “\#(definition.shownTitle)”</button>"#
            ), DefinitionStanding(row), request)
    }

    /// - Parameters:
    ///   - standing: how the definition stands, with its file.
    ///   - box: asks whether others may go out of force.
    static func publication(
        _ request: ProvedRequest<OnDefinition>, _ session: CompanyReadSession, _ standing: DefinitionStanding,
        _ places: DefinitionPlaces, box: HTML
    ) throws -> Page {
        let row = request.definition
        guard let revision = try session.revision(request.parts["revision"], of: row) else { throw Failure.notFound }
        guard !row.isCurrent(revision) else { return .elsewhere(request.subject.path) }
        let shown = try session.revision(row.revisionID).shownTitle
        let underWay = try session.underWay(with: row.id, row.kind).values.reduce(0, +)
        let failed = try session.failedTickets(with: row.id, row.kind).reduce(0) { $0 + $1.count }
        // The text that was in force last comes back: nothing changes in it, and what runs on it goes on.
        let isSame = revision.id == row.revisionID
        let effect: String? =
            isSame
            ? row.kind.underWay(underWay + failed).map {
                "\($0), and \(underWay + failed == 1 ? "goes" : "go") on with this text."
            }
            : row.kind.effect(underWay, failed: failed)
        let changes: HTML =
            isSame
            ? "Its text is the one that was in force last."
            : #"<a href="\#(request.subject.path)/revisions/\#(revision.sha256)#changes">What changes</a>"#
        let consequences: [HTML?] = [
            """
            What starts from now on uses revision \(String(revision.sha256.prefix(7))), first published \
            \(request.times.near(revision.publishedAtMs)).
            """,
            effect.map { "\($0)" }, changes,
            """
            Its file \(places.shown(row.file)) is written anew\
            \(when(standing.unread != nil, ", and what is in it now, which was never in force, is lost")).
            """,
        ]
        let returning = row.state == .retired ? try users(returningWith: row, session) : []
        return page(
            "Bring “\(shown)” back?", of: shown, consequences.compactMap(\.self) + returning,
            action: (
                "\(request.subject.path)/revisions/\(revision.sha256)/publication",
                #"<button class="primary">Bring it back</button>"#
            ), standing, box: box, request)
    }

    /// What needed a definition when it was retired, and so cannot be used.
    private static func users(
        returningWith row: DefinitionRow, _ session: CompanyReadSession
    ) throws -> [HTML] {
        let rows = try session.definitions()
        let uses = try DefinitionUses(rows, session)
        let name = DefinitionUses.Name(kind: row.kind, name: row.name)
        var users = uses.users(of: name)
        if uses.retired(name) == nil {
            // Another version is in force: only what calls this one by its number went out of use with it.
            let incomplete = rows.filter { $0.state == .incomplete }.map {
                DefinitionUses.Name(kind: $0.kind, name: $0.name)
            }
            users = users.filter(Set(incomplete).contains)
        }
        return users.map { user in
            "The \(user.kind.word) “\(uses.titles[user] ?? user.name)” uses it, and is offered again if nothing else is missing."
        }
    }

    private static func page(
        _ title: String, of shown: String, _ consequences: [HTML], action: (path: String, button: HTML),
        _ standing: DefinitionStanding, box: HTML = .empty, _ request: ProvedRequest<OnDefinition>
    ) -> Page {
        let path = request.subject.path
        let place = action.path.hasSuffix("retirement") ? "Retire" : "Bring back"
        return Page(
            title,
            """
            \(Elements.definitionHead(
                title, place: place,
                back: [Elements.definitions(of: request.company), Link(path, shown)]))\
            <section class="card stack"><ul>\(consequences.map { words -> HTML in "<li>\(words)</li>" })</ul>\
            <form method="post" action="\(action.path)" class="stack">\
            \(request.tags.hidden(version: standing.description))\(box)<p class="row">\(action.button)\
            <a class="btn" href="\(path)">No, go back</a></p></form></section>
            """
        ).under(.definitions)
    }
}
