import Hummingbird
import TFStore

/// What every page handler starts from.
struct PageDesk: Sendable {
    let site: Site

    var access: Access { Access(site: site) }

    func frame(
        _ context: WebContext, _ request: Request, title: String, company: Company? = nil, isError: Bool = false
    ) -> Frame {
        Frame(
            title: title, signedIn: context.signedIn, company: company,
            csrf: site.csrf(context.signedIn, preLogin: nil) ?? "", flash: context.flash, isError: isError,
            current: request.uri.path,
            links: context.signedIn.flatMap { context.table?.navigation($0, in: company) } ?? [])
    }

    func respond(_ frame: Frame, _ content: HTML) -> Response {
        .page(frame.page(content), status: frame.isError ? 422 : 200)
    }

    /// The page for a lost race: who did what, with the typed text kept to copy.
    func conflict(
        _ context: WebContext, _ request: Request, _ sentence: String, company: Company, back: String
    ) -> Response {
        let frame = frame(context, request, title: "Somebody was faster", company: company)
        let typed = context.form.fields.filter { field in
            !field.name.hasPrefix("_") && field.name != "version" && !field.value.isEmpty
        }
        let rows = typed.map { field -> HTML in "<dt>\(field.name)</dt><dd>\(field.value)</dd>" }
        return .page(
            frame.page(
                """
                <h1>Somebody was faster</h1><p>Nothing was changed: \(sentence).</p>\
                \(when(!typed.isEmpty, "<h2>What you typed</h2><dl>\(rows)</dl>"))\
                <p><a class="button" href="\(back)">Load the page again</a></p>
                """), status: 409)
    }
}
