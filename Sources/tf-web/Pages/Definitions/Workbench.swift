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
            let text = DefinitionText(request.typed.form)
            let errors = request.typed.errors
            let page = try await page(text, errors)
            return .page(errors.isEmpty ? page : page.refusing(422, errors))
        }
        if let current { return .page(try await page(DefinitionText(current))) }
        let copied = try await own.read(in: company) { try new?.copied($0) }
        let source = copied ?? new?.template?.source(in: company.slug) ?? ""
        let lost = copied == nil ? new?.original : nil
        let errors = lost.map { FieldError(field: "copy", message: "There is no definition “\($0)” here to copy") }
        return .page(
            try await page(DefinitionText(source: source, template: new?.template))
                .passingOver(errors.map { [$0] } ?? []))
    }

    /// Answers what was sent from the page.
    func answer(_ form: PostedForm) async throws -> OwnAnswer {
        guard form.fileErrors.isEmpty else { throw Failure.invalid(form.fileErrors) }
        let text = DefinitionText(form)
        guard !text.source.isEmpty else {
            throw Failure.invalid([FieldError(field: "source", message: "Write a definition, or load a file")])
        }
        if let current, text.version != current.revisionID { return try await overtaken(text, by: current) }
        return try await answer(text)
    }

    /// The text stays in its editor, beside what it would change in the one that was published meanwhile.
    private func overtaken(_ text: DefinitionText, by current: DefinitionRow) async throws -> OwnAnswer {
        var text = text
        text.version = current.revisionID
        return .page(try await page(text, isOvertaken: true).refusing(409))
    }

    func answer(_ text: DefinitionText) async throws -> OwnAnswer {
        let check = try await check(text)
        guard check.isReady, let definition = check.checked.definition else {
            let page = try await page(text, check.errors, check)
            return .page(text.wish == .look ? page : page.refusing(422, check.errors))
        }
        switch text.wish {
        case .check, .look: return .page(try await page(text, [], check))
        case .dryRun:
            guard case .workflow = definition else {
                let error = FieldError(
                    field: "source", message: "Only a workflow can be run dry; this is a \(definition.kind.word)")
                return .page(try await page(text, [error], check).refusing(422, [error]))
            }
            return try await DryRunDesk(request, own, site).first(DryRunStep(draft: text))
        case .publish: return try await publish(text, definition, check)
        }
    }

    // MARK: Publishing

    private func publish(
        _ text: DefinitionText, _ definition: Definition, _ check: DraftCheck.Result
    ) async throws -> OwnAnswer {
        let harm = check.checked.harm
        guard harm.isAccepted(by: text.accepted) else {
            return .page(try await page(text, [harm.refusal], check).refusing(422, [harm.refusal]))
        }
        let count = try await publish(check.checked, with: try await missing(of: text, besides: definition))
        let parts = count == 0 ? "" : ", and \(counted(count, "other part")) of the template"
        let sentence = "\(definition.shownTitle) is published\(parts)."
        return .response(
            site.seeOther(
                "/c/\(company.slug)/definitions/\(definition.kind.rawValue)/\(definition.name)",
                saying: [sentence, harm.told].compactMap { $0 }.joined(separator: " ")))
    }

    /// The other texts of a text's template, as they would be checked.
    private func parts(of text: DefinitionText, besides definition: Definition? = nil) -> [WorkbenchTemplate] {
        guard current == nil, let template = text.template else { return [] }
        return template.set.filter { part in
            let other = parsed(part).definition
            return part != template && other?.identity != definition?.identity
        }
    }

    private func parsed(_ part: WorkbenchTemplate) -> ParsedDefinition {
        Definition.parse(Array(part.source(in: company.slug).utf8), file: "\(part.slug).yaml", company: company.slug)
    }

    /// The parts of a text's template that nothing in force is named like.
    private func missing(of text: DefinitionText, besides definition: Definition? = nil) async throws
        -> [WorkbenchTemplate]
    {
        let parts = parts(of: text, besides: definition)
        guard !parts.isEmpty else { return [] }
        return try await own.read(in: company) { session in
            try parts.filter { part in
                guard let other = parsed(part).definition else { return false }
                return try session.definition(other.kind, other.name).map { $0.state == .retired } ?? true
            }
        }
    }

    /// Publishes a text with the missing parts of its template: first what others name.
    /// - Returns: how many others were published.
    private func publish(_ own: DefinitionWriter.Checked, with parts: [WorkbenchTemplate]) async throws -> Int {
        var texts: [(kind: DefinitionKind, name: String, source: [UInt8], path: String)] = []
        for part in parts {
            guard let other = parsed(part).definition else { continue }
            texts.append(
                (
                    other.kind, other.name, Array(part.source(in: company.slug).utf8),
                    writer.newPath(other.kind, other.name)
                ))
        }
        if let definition = own.definition { texts.append((definition.kind, definition.name, own.source, own.path)) }
        for kind in [DefinitionKind.task, .workflow, .ticket] {
            for text in texts where text.kind == kind {
                var known = current
                // A new text may have the name of one that is retired.
                if known == nil {
                    known = try await self.own.read(in: company) { try $0.definition(text.kind, text.name) }
                    guard known.map({ $0.state == .retired }) ?? true else {
                        throw Failure.conflict("the \(text.kind.word) “\(text.name)” was published meanwhile")
                    }
                }
                _ = try await writer.publish(try await writer.check(text.source, path: text.path), over: .some(known))
            }
        }
        return texts.count - 1
    }

    private func check(_ text: DefinitionText) async throws -> DraftCheck.Result {
        try await DraftCheck(
            writer: writer, company: company, store: own.records(of: company), current: current, text: text,
            others: parts(of: text).map(parsed)
        ).result()
    }

    private func page(
        _ text: DefinitionText, _ errors: [FieldError] = [], _ known: DraftCheck.Result? = nil,
        isOvertaken: Bool = false
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
        if let definition = check?.checked.definition { preview = try await self.preview(definition) }
        return WorkbenchPage(
            company: company, current: current, shownTitle: title, text: text,
            errors: errors + (known == nil ? check?.errors ?? [] : []),
            problems: check?.checked.problems ?? [], file: check?.checked.path ?? "", preview: preview,
            underWay: underWay, failed: failed, harm: check?.isReady == true ? check?.checked.harm : nil,
            missing: try await missing(of: text, besides: check?.checked.definition).count, isOvertaken: isOvertaken,
            tags: request.tags
        ).page
    }

    /// What the text makes: its form, or its diagram.
    private func preview(_ definition: Definition) async throws -> HTML? {
        guard case .workflow(let workflow) = definition else {
            return DefinitionPicture(company: company, now: request.now).form(definition)
        }
        let graph = try await own.read(in: company) { try $0.graph(of: workflow) }
        return await site.drafts.diagram(of: graph).html(.down, title: definition.shownTitle)
    }
}
