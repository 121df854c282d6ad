import TFDefinition
import TFStore

/// The page on which a definition is written: its numbered text beside what it makes and what is wrong with it.
///
/// The script sends the text while somebody types, and takes the parts `parts`, `lines`, `result`, `verdict` and
/// `acts` from the answer. So whatever is found wrong then is said in these. What is wrong with a form that was sent stands
/// above the page and beside its fields too, until the text is changed.
struct WorkbenchPage {
    /// What somebody else did while a text was edited.
    enum Race {
        /// Another text of the same definition.
        case text
        /// The definition went out of force.
        case retirement
        /// It came into force again.
        case comeback
        /// Its file got a text that is not in force.
        case file
        /// Something that the text was checked against.
        case others
    }

    let company: Company
    /// The definition in force; nil for a new one.
    let current: DefinitionRow?
    /// Its title.
    let shownTitle: String?
    let text: DefinitionText
    /// The text of the definition's file, if it was never in force.
    let unread: String?
    let errors: [FieldError]
    let problems: [Diagnostic]
    /// The path of the text's file, as its problems name it.
    let file: String
    /// The texts of its template, this one among them, by the paths of their files.
    let partsByFile: [String: WorkbenchTemplate]
    /// nil: the text makes nothing that can be shown.
    let preview: HTML?
    /// Whether a dry run can be made of it.
    let isRunnable: Bool
    /// How much is under way with the definition.
    let underWay: Int
    /// How many tickets have failed with it, and wait for a decision.
    let failed: Int
    /// What goes out of force when it is published; nil: it cannot be.
    let harm: DefinitionHarm?
    /// How many other parts of its template are published with it.
    let missing: Int
    /// Whether something was to be done that is not done: then the reader is led to what is wrong.
    let isRefused: Bool
    /// nil: nothing was, as far as the text is concerned.
    let race: Race?
    let tags: FormTags

    /// What came of what was wanted, where something is wrong.
    private var outcome: String? {
        switch text.wish {
        case .publish: "Not published"
        case .dryRun: "No dry run"
        case .check: "Checked"
        case .look: nil
        }
    }

    private var list: String { "/c/\(company.slug)/definitions" }
    private var shown: DefinitionProblems {
        DefinitionProblems(
            problems, errors, of: file, changing: text.source, outcome: isRefused ? outcome : nil,
            turns: partsByFile.mapValues {
                DefinitionProblems.Turn(part: $0.slug, label: $0.part, action: "\(list)/new")
            }
        ) { _ in "f-source" }
    }

    var page: Page {
        let title = shownTitle.map { "Edit \($0)" } ?? "New definition"
        return Page(title, "\(shown.summary)\(head(title))\(text.name?.banner)\(parts)\(form)").under(.definitions)
    }

    private func head(_ title: String) -> HTML {
        var back = [Elements.definitions(of: company)]
        if let current {
            back.append(Link("\(list)/\(current.kind.rawValue)/\(current.name)", shownTitle ?? current.name))
        }
        let templates: HTML = #"<a class="btn small" href="\#(list)/new">Start from a template</a>"#
        let file: HTML = """
            <label class="btn small">Load a file <input class="vh" id="f-file" type="file" name="file" form="bench" accept=".yaml,.yml"></label>
            """
        return Elements.definitionHead(
            title, place: current == nil ? "New" : "Edit",
            note: current.map { row -> HTML in #"<span class="soft sm">a \#(row.kind.word) of \#(company.name)</span>"#
            } ?? .empty,
            actions: "\(when(current == nil && !isEmpty, templates))\(file)", back: back)
    }

    private var isEmpty: Bool { text.source.isEmpty && text.template == nil }
    /// Whether it is a new text without a template.
    private var isFromNothing: Bool { current == nil && text.template == nil }
    /// Whether the templates to start from are shown.
    private var startsHere: Bool { isEmpty && isFromNothing }

    /// The texts of the template. To turn to another one sends the form, which carries them all.
    private var parts: HTML {
        guard current == nil, let template = text.template, template.set.count > 1 else { return .empty }
        let tabs = template.set.map { part -> HTML in
            let isCurrent = part.slug == template.slug
            let count = problems.count { partsByFile[$0.file]?.slug == part.slug }
            let mark: HTML = " <b class=hot>\(count)<span class=vh> \(count == 1 ? "problem" : "problems")</span></b>"
            return """
                <button form="bench" name="part" value="\(part.slug)"\(when(isCurrent, " aria-current=page"))>\(part.part)\
                \(when(count > 0, mark))</button>
                """
        }
        return """
            <nav class=tabs id=parts aria-label="Parts of the template">\(tabs)</nav>\
            <p class="soft sm">These \(tabs.count) texts belong together. Change in each what you need, try them with a dry \
            run, then publish them all at once. What you type in one is kept while you look at another.</p>
            """
    }

    private var form: HTML {
        let action = current.map { "\(list)/\($0.kind.rawValue)/\($0.name)/edit" } ?? "\(list)/new"
        // The typed text is based on the revision of that time, not on the one in force now.
        let version = current.map { (text.version ?? DefinitionStanding($0)).description }
        let template = (text.template?.carried ?? []).compactMap { name, value in
            value.map { value -> HTML in #"<input type="hidden" name="\#(name)" value="\#(value)">"# }
        }
        let results: HTML = #"<section class="stack" id="result" aria-label="What it makes">\#(result)</section>"#
        // On a telephone one is below the other: who has nothing yet starts from a template more often than from nothing. Who
        // types all the same keeps the text where it is: the script renews what is in the halves, and does not move them.
        let halves: HTML = isFromNothing ? "\(results)\(bench)" : "\(bench)\(results)"
        return """
            <form id="bench" method="post" action="\(action)" enctype="multipart/form-data" class="stack" novalidate>\
            \(version.map { tags.hidden(version: $0) } ?? tags.hidden())\(template)\(Self.enter)<div class="cols halves">\
            \(halves)</div>\(dock)</form>\
            \(when(isEmpty, #"<form id="start" action="\#(action)"></form>"#))
            """
    }

    /// What the Enter key does in a field: a form's first button.
    private static let enter: HTML =
        #"<button class="vh" name="outcome" value="check" tabindex="-1" aria-hidden="true">Check</button>"#

    // MARK: The text

    /// How many lines there is room for at least.
    private static let rows = 20

    private var bench: HTML {
        let marked = shown.lines
        let count = max(DefinitionSource.lines(text.source).count, marked.keys.max() ?? 1)
        let numbers = (1...count).map { number -> HTML in
            guard let own = marked[number] else { return "<li>\(number)" }
            let kind = own.contains { $0.severity == .error } ? "fail" : "wait"
            return
                ##"<li class="\##(kind)"><a href="#p\##(number)" aria-label="Line \##(number), problem">\##(number)</a>"##
        }
        let error = Elements.errorText(shown.error("source"), Elements.fieldID("source"))
        return """
            <section class="stack" aria-labelledby="yaml"><h2 id="yaml"><label for="f-source">YAML</label></h2>\(error)\
            <div class="bench"><ol id="lines" aria-label="Line numbers">\(numbers)</ol>\
            <textarea\(attributes) name="source" rows="\(max(count, Self.rows))" spellcheck="false" autocomplete="off" autocapitalize="off">
            \(text.source)</textarea></div>\(when(current == nil, path))</section>
            """
    }

    /// What is wrong with the form is in the form's words; what is wrong with a line is in the list beside the text.
    private var attributes: HTML {
        let id = Elements.fieldID("source")
        guard isRefused, shown.isTextWrong else { return " id=\"\(id)\"" }
        guard shown.error("source") == nil else { return Elements.attributes(id, hasHint: false, hasError: true) }
        return " id=\"\(id)\" aria-describedby=\"result\" aria-invalid=\"true\""
    }

    private var path: HTML {
        let isOpen = text.path != nil || errors.contains { $0.field == "path" }
        let field = Elements.field(
            "path", label: "File", hint: "Below the company’s folder, such as it/access.ticket.yaml.", isOptional: true,
            errors: isRefused ? errors : []
        ) { attributes in
            #"<input type="text" name="path" value="\#(text.path ?? "")" size="32" autocomplete="off"\#(attributes)>"#
        }
        return """
            <details\(when(isOpen, " open"))><summary class="sm soft">It is saved as a file named after it</summary>\
            \(field)</details>
            """
    }

    // MARK: What it makes

    private var result: HTML {
        let isRetired = current?.state == .retired
        let changes: [HTML] = [
            Self.changes("its file", from: unread, to: text.source),
            Self.changes(isRetired ? "what was in force" : "what is in force", from: current?.source, to: text.source),
        ]
        let told = (race ?? (unread == nil ? nil : .file)).map(banner) ?? when(isRetired, retired)
        return
            "\(told)\(shown.banner)\(harm?.box(accepted: text.accepted, errors: errors))\(made)\(changes)"
    }

    private static func changes(_ name: String, from old: String?, to new: String) -> HTML {
        guard let old, old != new else { return .empty }
        return """
            <details open><summary class="sm soft">Changes to \(name)</summary>\(LineDiff(from: old, to: new).html)</details>
            """
    }

    private var word: String { current?.kind.word ?? "definition" }

    private var retired: HTML {
        Elements.banner(.off, "This \(word) is retired", "If you publish a text of it, it comes into force again.")
    }

    private func banner(_ race: Race) -> HTML {
        switch race {
        case .text:
            Elements.banner(
                .wait, "Another text was published while you edited this one",
                "Nothing was changed. Your text is here, and below it what it would change in the one in force now: take over what you want to keep, then publish yours."
            )
        case .retirement:
            Elements.banner(
                .wait, "This \(word) was retired while you edited it",
                "Nothing was changed. Your text is here: if you publish it, the \(word) comes into force again.")
        case .comeback:
            Elements.banner(
                .wait, "This \(word) was brought back while you edited it",
                "Nothing was changed. Your text is here: if you publish it, it takes the place of the one in force now."
            )
        case .file:
            Elements.banner(
                .wait, "The file of this \(word) has another text, which is not in force",
                "Somebody wrote it there, and it is about to be read or has problems. Below is what your text would change in it: take over what you want to keep, then publish yours in its place."
            )
        case .others:
            Elements.banner(
                .wait, "Something else was changed while yours was being published",
                "Nothing was published. Below is what publishing your text would do now: if you still want it, publish it again."
            )
        }
    }

    private var made: HTML {
        guard !text.source.isEmpty else {
            return startsHere ? start : #"<p class="soft sm">What the text makes is shown here.</p>"#
        }
        guard let preview else {
            let words =
                problems.contains { $0.severity == .error }
                ? "Mend the problems to see what it makes." : "It has no form."
            return #"<p class="soft sm">\#(words)</p>"#
        }
        return #"<h2>Preview</h2><div class="card">\#(preview)</div>"#
    }

    /// Where a template is chosen. Its fields belong to a form of their own: this one holds the text.
    private var start: HTML {
        let templates = WorkbenchTemplate.all.enumerated().map { index, template -> HTML in
            """
            <label class="pick"><input type="radio" form="start" name="template" value="\(template.slug)"\(when(index == 0, " checked"))>\
            <span>\(template.title)<br><small>\(template.about)</small></span></label>
            """
        }
        let name = Elements.field(
            "name", label: "Name",
            hint: "What people choose when they send one, such as Holiday. Without one it is called as its template.",
            isOptional: true, errors: errors
        ) { attributes in
            #"<input form="start" name="name" maxlength="\#(WorkbenchTemplate.longestTitle)" autocomplete="off"\#(attributes)>"#
        }
        return """
            <div class="card stack"><p>Start from a template: it has a form, the workflow behind it and its tasks, which you \
            change as you need them. Nobody sees any of it before you publish it. Or write a form, a task or a workflow of \
            your own under YAML.</p>\
            <fieldset class="field"><legend>Template</legend>\(templates)</fieldset>\(name)\
            <button form="start" class="primary">Use this template</button></div>
            """
    }

    private var dock: HTML {
        let dryRun: HTML = #"<button name="outcome" value="dry-run">Dry run</button>"#
        let publish: HTML = missing > 0 ? "Publish all \(missing + 1) parts" : "Publish"
        return """
            <div class="dock row"><span id="verdict" class="row" role="status">\(verdict)</span><span id="acts" class="row end">\
            \(wrong)<button id="\(Elements.fieldID("outcome"))" name="outcome" value="check">Check</button>\(when(isRunnable, dryRun))\
            <button name="outcome" value="publish"\(when(!isEmpty, #" class="primary""#))>\(publish)</button></span></div>
            """
    }

    /// That no button does what was wanted.
    private var wrong: HTML? { Elements.errorText(shown.error("outcome"), Elements.fieldID("outcome")) }

    private var verdict: HTML {
        let effect: HTML =
            current.map { row -> HTML in
                #"<span class="soft sm">\#(row.kind.effect(underWay, failed: failed))</span>"#
            } ?? .empty
        guard shown.count > 0 else {
            return text.source.isEmpty ? effect : "\(Elements.tag(.done, "No problems"))\(effect)"
        }
        let kind = shown.hasErrors ? "late" : "soft"
        return
            ##"<a class="\##(kind)" href="#\##(DefinitionProblems.id)">\##(counted(shown.count, "problem"))</a>\##(effect)"##
    }
}

extension WorkbenchPage.Race {
    /// - Parameter shown: how the definition stood when it was shown; nil: the page did not say so.
    /// - Returns: nil if nothing has happened to it since.
    init?(from shown: DefinitionStanding?, to now: DefinitionStanding) {
        if shown?.isRetired == false, now.isRetired {
            self = .retirement
        } else if shown?.revision != now.revision {
            self = .text
        } else if shown?.isRetired != now.isRetired {
            self = .comeback
        } else if let unread = now.unread, unread != shown?.unread {
            self = .file
        } else {
            return nil
        }
    }
}
