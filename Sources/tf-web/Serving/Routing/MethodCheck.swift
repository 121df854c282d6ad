import HTTPTypes
import Hummingbird

/// Answers 405 with `Allow` if an address exists but not with this method. A browser that asks for the address of a form,
/// as from its history, is led to the page on which the form stands.
struct MethodCheck: RouterMiddleware {
    typealias Context = WebContext

    let table: RouteTable

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let methods = table.methods(at: request.uri.path[...])
            guard methods.isEmpty || methods.contains(request.method) else {
                if let page = formPage(request, context) { return .seeOther(page) }
                throw Failure.methodNotAllowed(methods.map(\.rawValue))
            }
            throw Failure.notFound
        }
    }

    /// The address of the page whose form is sent to the address that a browser asks for, or the start page; nil for
    /// programs.
    private func formPage(_ request: Request, _ context: WebContext) -> String? {
        let path = request.uri.path
        guard request.method == .get, request.headers[.accept]?.contains("text/html") == true,
            !path.hasPrefix("/api/")
        else { return nil }
        // A page at the very address would lead to itself, one with a name in braces nowhere.
        guard let page = table.page(of: context.form, sentTo: path), page.path != path, !page.path.contains("{")
        else { return "/" }
        return page.address
    }
}
