import Hummingbird
import TFDefinition
import TFEngine
import TFStore

/// Where a definition is written: each text is checked, shown as what it makes, and published if that is asked for and
/// nothing is wrong.
struct Workbench<Kind: InsideCompany> {
    private let request: ProvedRequest<Kind>
    private var company: Company { request.company }
    /// The definition that is edited; nil for a new one.
    private let current: DefinitionRow?
    private let own: OwnRequest
    private let site: Site
    private let writer: DefinitionWriter

    init(_ request: ProvedRequest<Kind>, current: DefinitionRow?, _ own: OwnRequest, _ site: Site) {
        self.request = request
        self.current = current
        self.own = own
        self.site = site
        writer = DefinitionWriter(request.company, own, site: site)
    }

    /// The page as first shown: with the text in force, a template, or what was typed before.
    func first(_ new: NewDefinition?) async throws -> OwnAnswer {
        guard request.typed.isFirst else {
            return .page(try await page(DefinitionText(request.typed.form)))
        }
        if let current {
            return .page(try await page(DefinitionText(current, try await writer.standing(of: current))))
        }
        let (copied, template) = try await own.read(in: company) { [company] session in
            (try new?.copied(session), try new?.template?.unused(in: company, session))
        }
        let lost = copied == nil ? new?.original : nil
        let errors = lost.map { FieldError(field: "copy", message: "There is no definition “\($0)” here to copy") }
        let source = copied?.source ?? template?.source(in: company.slug) ?? ""
        var text = DefinitionText(source: source, template: template)
        text.name = copied?.instead
        if let wanted = new?.template, let template { text.name = NameInstead(wanted, template) }
        return .page(try await page(text).passingOver(errors.map { [$0] } ?? []))
    }

    /// Answers what was sent from the page.
    func answer(_ form: PostedForm) async throws -> OwnAnswer {
        try form.demandOnce()
        var text = DefinitionText(form)
        if let part = form["part"] { text.turn(to: part, in: company.slug) }
        guard form.fileErrors.isEmpty else { return try await refused(text, form.fileErrors) }
        if let strange = text.strangeWish { return try await refused(text, [Self.unknown(strange)]) }
        guard !text.source.isEmpty else {
            guard text.wish != .look else { return .page(try await page(text)) }
            return try await refused(
                text, [FieldError(field: "source", message: "Write a definition, or load a file")])
        }
        return try await answer(text)
    }

    private static func unknown(_ wish: String) -> FieldError {
        FieldError(
            field: "outcome",
            message: "Nothing here is called “\(Words.excerpt(wish, limit: 60))”: choose check, dry run or publish")
    }

    /// Answers a text. Whatever it was checked against may change before it is published: then it is checked again, and
    /// shown with what is different now.
    func answer(_ text: DefinitionText) async throws -> OwnAnswer {
        var seen: DefinitionWriter.Checked?
        return try await own.records.untilChecked {
            // Checked first, so that no file is written unseen between the two.
            let check = try await check(text)
            if let overtaken = try await overtaken(text) { return overtaken }
            let isChanged = seen.map { !$0.isLike(check.checked) } ?? false
            guard !isChanged else { return .page(try await page(text, [], check, race: .others).refusing(409)) }
            seen = check.checked
            return try await answer(text, check)
        }
    }

    private func answer(_ text: DefinitionText, _ check: DraftCheck.Result) async throws -> OwnAnswer {
        guard check.isReady, let definition = check.checked.definition else {
            guard text.wish != .look else { return .page(try await page(text, check.errors, check)) }
            return try await refused(text, check.errors, check)
        }
        switch text.wish {
        case .check, .look: return .page(try await page(text, [], check))
        case .dryRun:
            guard check.checked.isWorkflow else {
                let error = FieldError(
                    field: "source", message: "Only a workflow can be run dry; this is a \(definition.kind.word)")
                return try await refused(text, [error], check)
            }
            guard check.checked.main.ownErrors.isEmpty else {
                let error = FieldError(field: "source", message: "A workflow with errors does not run; mend them first")
                return try await refused(text, [error], check)
            }
            return try await DryRunDialogue(request, own, site).first(DryRunStep(draft: text))
        case .publish: return try await publish(text, definition, check)
        }
    }

    /// The page after somebody else's change since the text was begun: the text stays in its editor, beside what it
    /// would change now; nil: there was no such change.
    private func overtaken(_ text: DefinitionText) async throws -> OwnAnswer? {
        guard let current,
            let newest = try await own.read(in: company, { try $0.definition(current.kind, current.name) })
        else { return nil }
        let standing = try await writer.standing(of: newest)
        guard let race = WorkbenchPage.Race(from: text.version, to: standing) else { return nil }
        var text = text
        text.version = standing
        let bench = Workbench(request, current: newest, own, site)
        return .page(try await bench.page(text, race: race).refusing(409))
    }

    // MARK: Publishing

    private func publish(
        _ text: DefinitionText, _ definition: Definition, _ check: DraftCheck.Result
    ) async throws -> OwnAnswer {
        let harm = check.checked.harm
        guard harm.isAccepted(by: text.accepted) else {
            return try await refused(text, [harm.refusal], check)
        }
        let published: DefinitionWriter.Published
        do {
            published = try await writer.publish(
                check.checked, over: current.flatMap { _ in text.version }.map { .only($0) } ?? .none)
        } catch let error as StoreError {
            guard let overtaken = try await overtaken(text) else { throw error }
            return overtaken
        }
        let count = check.checked.others.count
        let parts = count == 0 ? "" : ", and \(counted(count, "other part")) of the template"
        let main = check.checked.main
        let shown = main.definition ?? definition
        let sentence = "\(Words.excerpt(shown.shownTitle)) is published\(parts)."
        return .response(
            site.seeOther(
                "/c/\(company.slug)/definitions/\(shown.kind.rawValue)/\(shown.name)",
                saying: [
                    sentence, offered(definition, check.checked), harm.told, published.told,
                    published.warned(in: main.path),
                ]
                .compactMap { $0 }.joined(separator: " ")))
    }

    /// Where people find a new form; nil: none is published, or something is missing before it is offered.
    private func offered(_ definition: Definition, _ checked: DefinitionWriter.Checked) -> String? {
        let made = [definition] + checked.others.compactMap(\.definition)
        guard current == nil, let form = made.lazy.compactMap(\.ticket).first(where: { !$0.isRetired }),
            !checked.problems.contains(where: { $0.severity == .error }),
            checked.others.allSatisfy(\.ownErrors.isEmpty)
        else { return nil }
        return "Whoever may send “\(Words.excerpt(form.title))” finds it under “New ticket”."
    }

    /// The other texts of a text's template.
    private func parts(of text: DefinitionText) -> [DefinitionWriter.Draft] {
        guard current == nil, let template = text.template else { return [] }
        return template.set.filter { $0.slug != template.slug }.map { other in
            DefinitionWriter.Draft(
                source: Array(other.source(in: company.slug).utf8), path: other.path(writer, in: company))
        }
    }

    /// The texts of a text's template by the paths of their files.
    private func partsByFile(_ text: DefinitionText, _ check: DraftCheck.Result) -> [String: WorkbenchTemplate] {
        guard current == nil, let template = text.template else { return [:] }
        var parts: [String: WorkbenchTemplate] = template.set.reduce(into: [:]) { parts, part in
            parts[part.path(writer, in: company)] = part
        }
        // The one that is shown may be saved elsewhere.
        if let known = parts.first(where: { $0.value.slug == template.slug })?.key { parts[known] = nil }
        parts[check.checked.path] = template
        return parts
    }

    private func check(_ text: DefinitionText) async throws -> DraftCheck.Result {
        try await DraftCheck(
            writer: writer, company: company, store: own.records(of: company), current: current, text: text,
            others: parts(of: text)
        ).result()
    }

    /// The page with what is wrong: in a summary of its own, whose links lead to lines too, and beside the fields.
    private func refused(
        _ text: DefinitionText, _ errors: [FieldError], _ known: DraftCheck.Result? = nil
    ) async throws -> OwnAnswer {
        .page(try await page(text, errors, known, isRefused: true).refusing(422))
    }

    private func page(
        _ text: DefinitionText, _ errors: [FieldError] = [], _ known: DraftCheck.Result? = nil,
        isRefused: Bool = false, race: WorkbenchPage.Race? = nil
    ) async throws -> Page {
        var check = known
        if check == nil, !text.source.isEmpty { check = try await self.check(text) }
        var (underWay, failed, title) = (0, 0, String?.none)
        if let current {
            (underWay, failed, title) = try await own.read(in: company) { session in
                let counts = try session.underWay(with: current.id, current.kind).values
                let failed = try session.failedTickets(with: current.id, current.kind)
                return (
                    counts.reduce(0, +), failed.reduce(0) { $0 + $1.count },
                    try session.revision(current.revisionID).shownTitle
                )
            }
        }
        var preview: HTML?
        if let checked = check?.checked { preview = try await self.preview(checked) }
        var unread: String?
        if let current, text.version?.unread != nil { unread = try await writer.fileText(of: current) }
        return WorkbenchPage(
            company: company, current: current, shownTitle: title, text: text, unread: unread,
            errors: errors + (known == nil ? check?.errors ?? [] : []),
            problems: check.map { $0.checked.problems + $0.checked.others.flatMap(\.ownErrors) } ?? [],
            file: check?.checked.path ?? "", partsByFile: check.map { partsByFile(text, $0) } ?? [:], preview: preview,
            isRunnable: (current?.kind ?? .workflow) == .workflow && check?.checked.isWorkflow != false,
            underWay: underWay, failed: failed, harm: check?.isReady == true ? check?.checked.harm : nil,
            missing: check?.checked.others.count ?? 0, isRefused: isRefused, race: race, tags: request.tags
        ).page
    }

    /// What the text makes: its form, or its diagram.
    private func preview(_ checked: DefinitionWriter.Checked) async throws -> HTML? {
        guard let definition = checked.definition else { return nil }
        guard case .workflow(let workflow) = definition else {
            return DefinitionPicture(company: company, now: request.now).form(definition)
        }
        let drafts = checked.others.compactMap { $0.definition?.task }
        let graph = try await own.read(in: company) { try $0.graph(of: workflow, besides: drafts) }
        return await site.drafts.diagram(of: graph).html(.down, title: definition.shownTitle)
    }
}

extension DefinitionWriter.Checked {
    /// Whether a workflow is among the texts, which a dry run can try; a text with errors may become one.
    fileprivate var isWorkflow: Bool {
        guard let definition else { return true }
        return ([definition] + others.compactMap(\.definition)).contains { $0.kind == .workflow }
    }
}
