import TFDefinition
import TFEngine
import TFStore

/// What a definition needs, what needs it, and all its revisions.
struct DefinitionAside {
    let on: OnDefinition
    let uses: DefinitionUses
    /// The newest first.
    let revisions: [RevisionRow]
    /// Who first published them, as far as it is known.
    let publishers: [RevisionID: Publisher]
    /// How much is under way with each revision.
    let underWay: [RevisionID: Int]
    let failed: [FailedTickets]
    let times: Times
    /// The names for people of the company's roles.
    let roleLabels: [String: String]

    private var row: DefinitionRow { on.definition }
    private var name: DefinitionUses.Name { DefinitionUses.Name(kind: row.kind, name: row.name) }

    var html: HTML { "\(usedBy)\(needs)\(history)" }

    private var usedBy: HTML {
        let users = uses.users(of: name)
        let nobody: HTML =
            switch row.kind {
            case .ticket: "People send it themselves."
            case .workflow: "No form starts it yet."
            case .task: "No workflow calls it yet."
            }
        return Elements.card("Used by", users.isEmpty ? #"<p class="sm soft">\#(nobody)</p>"# : list(users))
    }

    private var needs: HTML {
        let (used, roles) = (uses.used(by: name), uses.roles(of: name))
        guard !used.isEmpty || !roles.isEmpty else { return .empty }
        let asked = roles.map { role -> HTML in
            #"<li>\#(roleLabels[role] ?? ReadableName.title(role)) <span class="soft">role</span></li>"#
        }
        return Elements.card("Needs", list(used, asked))
    }

    private func list(_ names: [DefinitionUses.Name], _ more: [HTML] = []) -> HTML {
        let items = names.map { name -> HTML in
            let kind: HTML = #"<span class="soft">\#(name.kind.word)</span>"#
            let isRetired = uses.retired(name) != nil
            let title = uses.titles[name] ?? ReadableName.title(name.name)
            guard isRetired || uses.titles[name] != nil else {
                return "<li>\(title) \(kind), <span class=\"late\">not there</span></li>"
            }
            return """
                <li><a href="/c/\(on.company.slug)/definitions/\(name.kind.rawValue)/\(name.name)">\(title)</a> \(kind)\
                \(when(isRetired, #", <span class="late">retired</span>"#))</li>
                """
        }
        return #"<ul class="menu sm">\#(items)\#(more)</ul>"#
    }

    private var history: HTML {
        let items = revisions.enumerated().map { index, revision -> HTML in
            let path = "\(on.path)/revisions/\(revision.sha256)"
            let isCurrent = row.isCurrent(revision)
            let words =
                isCurrent
                ? "In force" : index == revisions.count - 1 ? "First one" : "Revision \(revisions.count - index)"
            let shown: HTML = isCurrent ? "<b>\(words)</b>" : #"<a href="\#(path)">\#(words)</a>"#
            let stopped = failed.filter { $0.revision == revision.id }.reduce(0) { $0 + $1.count }
            let uses = [
                row.kind.underWay(underWay[revision.id] ?? 0),
                stopped > 0
                    ? "\(counted(stopped, "failed ticket")) \(stopped == 1 ? "waits" : "wait") for a decision" : nil,
            ].compactMap { $0 }
            let use = uses.isEmpty ? "Nothing is under way with it" : uses.joined(separator: ", ")
            let more: HTML =
                isCurrent
                ? #" <a href="\#(path)">Look at it</a>"# : #" <a href="\#(path)#changes">What changed</a>"#
            return """
                <li>\(shown) <span class="soft">\(times.near(revision.publishedAtMs))\(publishers[revision.id]?.words), \
                <code>\(String(revision.sha256.prefix(7)))</code></span><br>\(use).\(more)</li>
                """
        }
        return Elements.card("Revisions", #"<ol class="menu stack sm">\#(items)</ol>"#)
    }
}

extension Publisher {
    /// What follows the time at which it was published.
    var words: String {
        switch self {
        case .person(let name): " by \(name)"
        case .files: " from files"
        }
    }
}
