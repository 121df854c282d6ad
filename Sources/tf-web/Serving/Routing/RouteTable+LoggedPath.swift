import Foundation
import Hummingbird
import TFExpression

extension Route {
    /// The parameter whose value is a secret: anybody who knows it may use the page.
    static let secretParameter = "{token}"

    var holdsSecret: Bool { path.contains(Self.secretParameter) }

    /// The value of a parameter in a path of this route; nil if it has no such parameter.
    func part(_ parameter: String, of path: String) -> String? {
        zip(self.path.split(separator: "/"), path.split(separator: "/")).first { $0.0 == parameter }?
            .1.percentDecoded?.withoutNUL
    }
}

extension RouteTable {
    private static let limitOfLoggedPath = 300

    /// A request's path as logs show it, without secrets, however the request ends.
    ///
    /// Requests that are refused early have no route yet (another host or method, an unreadable body), and a mistyped
    /// link has none at all but may still reveal a valid one.
    func loggedPath(_ request: Request, _ context: WebContext) -> String {
        let path: String
        if let route = context.notes.route {
            path = route.holdsSecret ? route.path : request.uri.path
        } else {
            path = loggedPath(request.uri.path)
        }
        return path.prefix(scalars: Self.limitOfLoggedPath)
    }

    /// A path as far as it matches a route, with secrets replaced by their parameter's name; the remainder is left out.
    func loggedPath(_ path: String) -> String {
        var candidates = routes.map { $0.path.split(separator: "/") }
        var logged = ""
        for (index, part) in path.split(separator: "/").enumerated() {
            candidates = candidates.filter { $0.count > index }
            // A literal component wins over a parameter, as in the router.
            let literal = candidates.filter { $0[index] == part }
            candidates = literal.isEmpty ? candidates.filter { $0[index].hasPrefix("{") } : literal
            guard let first = candidates.first else { return logged + "/…" }
            logged += "/" + (first[index] == Route.secretParameter ? Substring(Route.secretParameter) : part)
        }
        return logged.isEmpty ? "/" : logged
    }
}
