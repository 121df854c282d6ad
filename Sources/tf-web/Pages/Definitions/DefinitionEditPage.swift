import TFDefinition
import TFStore

/// The page on which a definition is written: it shows all problems at once, then a preview, then publishes.
struct DefinitionEditPage {
    let company: Company
    /// The definition in force; nil for a new one.
    let current: DefinitionRow?
    let text: DefinitionText
    var errors: [FieldError] = []
    /// nil if the text was not checked yet.
    var check: DraftCheck.Result?
    let tags: FormTags
    let now: Int64

    /// The page as first shown: with the text in force, or with what was typed before.
    static func make(
        _ company: Company, _ current: DefinitionRow?, _ request: ProvedRequest<some Subject>
    ) -> Page {
        let unchanged = current.map { DefinitionText($0) }
        let text = request.typed.isFirst ? unchanged : nil
        return DefinitionEditPage(
            company: company, current: current, text: text ?? DefinitionText(request.typed.form),
            errors: request.typed.errors, tags: request.tags, now: request.now
        ).page
    }

    /// - Returns: the page that answers a check, with status 422 if the text has problems.
    var page: Page {
        let title = current.map { "Edit \($0.name)" } ?? "New definition"
        let page = Page(title, html(title))
        return check?.isReady == false ? page.refusing(422, errors) : page
    }

    private var action: String {
        let base = "/c/\(company.slug)/definitions"
        return current.map { "\(base)/\($0.kind.rawValue)/\($0.name)/edit" } ?? "\(base)/new"
    }

    private func html(_ title: String) -> HTML {
        // The typed text is based on the revision of that time, not on the one in force now.
        let version = current.map { Int((text.version ?? $0.revisionID).rawValue) }
        let isReady = check?.isReady == true
        return """
            <h1>\(title)</h1>\(DefinitionProblems(check?.checked.problems ?? []).html)\(preview)\
            <form method="post" action="\(action)" enctype="multipart/form-data" novalidate>\
            \(tags.hidden(version: version))\(source)\(when(current == nil, path))\(file)\
            <div class="buttons">\(when(isReady, #"<button name="outcome" value="publish">Publish</button>"#))\
            <button name="outcome" value="check" class="\(isReady ? "second" : "")">Check and preview</button>\
            </div></form>
            """
    }

    /// How the definition will look, and the lines that change.
    private var preview: HTML {
        guard let check, check.isReady, let definition = check.checked.definition else { return .empty }
        let picture = DefinitionPicture(company: company, now: now).html(definition) { graph in
            StepList(graph, states: nil).html(because: "")
        }
        let changes = current.map { row -> HTML in
            "<h2>Changes</h2>\(LineDiff(from: row.source, to: text.source).html)"
        }
        return "<p>Nothing is in force yet: look at it, then publish.</p>\(picture)\(changes)"
    }

    private var source: HTML {
        let rows = min(40, max(20, text.source.sourceLines.count + 2))
        return Elements.field(
            "source", label: "Definition", hint: "YAML: a ticket, a task or a workflow.", errors: errors
        ) { attributes in
            """
            <textarea class="code" name="source" rows="\(rows)" spellcheck="false"\(attributes)>
            \(text.source)</textarea>
            """
        }
    }

    private var path: HTML {
        Elements.field(
            "path", label: "File", hint: "In the company's directory; left empty, it is named after the definition.",
            isOptional: true, errors: errors
        ) { attributes in
            """
            <input type="text" name="path" value="\(text.path ?? "")" placeholder="it/access.ticket.yaml" \
            autocomplete="off"\(attributes)>
            """
        }
    }

    private var file: HTML {
        Elements.field("file", label: "Or take it from a file", isOptional: true, errors: errors) { attributes in
            #"<input type="file" name="file" accept=".yaml,.yml"\#(attributes)>"#
        }
    }
}
