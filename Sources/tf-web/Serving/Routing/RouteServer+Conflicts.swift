import HTTPTypes
import Hummingbird
import TFDefinition

extension RouteServer {
    /// The page for an edit conflict: who did what, with the typed text to copy, and beside it what is in force now.
    func conflict(_ sentence: String, _ request: Request, _ context: WebContext) async throws -> Response {
        // Which button was pressed is not typed.
        let typed = context.form.presentable.filter { !["version", "outcome"].contains($0.name) && !$0.value.isEmpty }
        let present =
            typed.isEmpty ? nil : await present(TypedForm(action: request.uri.path, fields: typed), request, context)
        let back = context.table?.page(of: context.form, sentTo: request.uri.path)?.address ?? "/"
        var response = try await shown(
            Page(
                Failure.conflict(sentence).title,
                """
                <h1>\(Failure.conflict(sentence).title)</h1>\(Elements.banner(
                    .wait, "\(sentence.prefix(1).uppercased() + sentence.dropFirst())",
                    typed.isEmpty ? .empty : "What you typed is below, to copy or to add as a comment.",
                    actions: #"<a class="btn small" href="\#(back)">Load the page again</a>"#))\
                \(when(!typed.isEmpty, Elements.card("What you typed", Self.facts(typed, present))))
                """), request, context)
        response.status = .conflict
        return response
    }

    private static func facts(_ typed: [(name: String, value: String)], _ present: ShownForm?) -> HTML {
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

    /// The form as its page shows it now; nil if the page has it no more, or cannot be shown.
    private func present(_ typed: TypedForm, _ request: Request, _ context: WebContext) async -> ShownForm? {
        guard let place = context.table?.page(of: context.form, sentTo: request.uri.path), let table = context.table
        else { return nil }
        var again = context.on(place.route, of: table)
        again.shownPath = place.path
        again.typed = TypedInput()
        again.flash = nil
        // Without the page, the conflict is told without what is in force.
        guard let page = try? await place.route.handler(place.request(request), again), page.status == .ok,
            let body = try? await BodyCollector.bytes(of: page.body)
        else { return nil }
        return ShownForm(Array(body.readableBytesView), typed)
    }
}
