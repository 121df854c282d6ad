import HTTPTypes
import Hummingbird
import TFDefinition

extension RouteServer {
    /// The page for an edit conflict: who did what, with the typed text to copy, and beside it what is in force now.
    func conflict(_ sentence: String, _ request: Request, _ context: WebContext) async throws -> Response {
        let sent = context.form.typed
        let (present, known) = await forms(
            of: TypedForm(action: request.uri.path, fields: sent), request, context)
        let typed = sent.filter { present?.hidden.contains($0.name) != true }
        let back = await back(from: request, context)
        var response = try await shown(
            Page(
                Failure.conflict(sentence).title,
                """
                <h1>\(Failure.conflict(sentence).title)</h1>\(Elements.banner(
                    .wait, "\(sentence.prefix(1).uppercased() + sentence.dropFirst())",
                    typed.isEmpty ? .empty : "What you typed is below, to copy\(when(present != nil, " or to add as a comment")).",
                    actions: #"<a class="btn small" href="\#(back.path)">\#(back.label)</a>"#))\
                \(when(!typed.isEmpty, Elements.card("What you typed", Self.facts(typed, present ?? known))))
                """), request, context)
        response.status = .conflict
        return response
    }

    /// Where to go on: at the form's page, or at the nearest page above it that is still there.
    private func back(from request: Request, _ context: WebContext) async -> Link {
        guard let table = context.table else { return Link("/", "Go to the start page") }
        var next = table.page(of: context.form, sentTo: request.uri.path)
        let first = next?.path
        while let page = next {
            var again = context.on(page.route, of: table)
            again.shownPath = page.path
            again.typed = TypedInput()
            again.flash = nil
            var response: Response?
            do { response = try await page.route.handler(page.request(request), again) } catch {
                // The conflict is told all the same. What is no visitor's doing would be told by nobody else.
                if RefusedForm.isEnd(error), Failure(error) == nil {
                    context.logger.error(
                        "a page cannot be shown after a conflict",
                        metadata: [
                            "route": "\(page.route.path)", "error": "\(error)", "request": "\(context.requestID)",
                        ])
                }
            }
            if let response, response.status != .notFound {
                // The form stood in a list, of which others are left, or has gone from one.
                let label =
                    page.path.hasSuffix("/pool")
                    ? "Back to what is left to claim"
                    : page.path == first
                        ? "Load the page again"
                        : page.path.hasSuffix("/tickets/new") ? "See all forms" : "Go on from here"
                return Link(page.address, label)
            }
            let above = page.path.split(separator: "/").dropLast().joined(separator: "/")
            next = above.isEmpty ? nil : table.page(of: context.form, sentTo: "/" + above)
        }
        return Link("/", "Go to the start page")
    }

    static func facts(_ typed: [(name: String, value: String)], _ present: ShownForm? = nil) -> HTML {
        var names: [String] = []
        for field in typed where !names.contains(field.name) { names.append(field.name) }
        return Elements.facts(
            names.map { name in
                let values = typed.filter { $0.name == name }.map { present?.words($0.value, of: name) ?? $0.value }
                let words = values.joined(separator: ", ")
                let field = present?.fields[name]
                let now = field?.value.flatMap { $0 == words ? nil : $0 }
                let beside: HTML? = now.map { value in
                    #"<br><small>Now: <span class="text">\#(value.isEmpty ? "nothing" : value)</span></small>"#
                }
                return (field?.label ?? FieldError.label(of: name), #"<span class="text">\#(words)</span>\#(beside)"#)
            })
    }

    /// The form as its page shows it now; nil if the page has it no more, or cannot be shown. In its place, if the page
    /// can be shown, the form of the task's definition, which says what was asked; and that of a ticket type which is not
    /// offered any more, for who could send it.
    func forms(
        of typed: TypedForm, _ request: Request, _ context: WebContext
    ) async -> (present: ShownForm?, known: ShownForm?) {
        guard !typed.fields.isEmpty, let place = context.table?.page(of: context.form, sentTo: request.uri.path),
            let table = context.table
        else { return (nil, nil) }
        var again = context.on(place.route, of: table)
        again.shownPath = place.path
        again.typed = TypedInput()
        again.flash = nil
        // Without the page, the conflict is told without what is in force; `back` tells the log why.
        guard let page = try? await place.route.handler(place.request(request), again), page.status == .ok,
            let body = try? await BodyCollector.bytes(of: page.body)
        else { return (nil, await site.formerForm(onPage: place.path, context)) }
        if let form = ShownForm(Array(body.readableBytesView), typed) { return (form, nil) }
        let path = place.path
        // Without it, what was typed is shown under the names of its fields.
        let task = try? await site.store.read { try TaskOfForm(onPage: path, $0) }
        return (nil, task?.form)
    }
}

/// A page's form that ends with an error, for which no page is shown again: what was typed is not lost.
struct RefusedForm: Error {
    let cause: any Error
    let typed: [(name: String, value: String)]

    /// Whether an error is told to the visitor, and not answered in another way further out.
    static func isEnd(_ error: any Error) -> Bool {
        !(error is SessionIsOver || error is FormOfOtherSession || error is SecondFactorIsMissing
            || error is CancellationError || error is RefusedForm)
    }
}
