import Foundation
import Hummingbird
import TFExpression

extension Route {
    /// The parameter whose value is a secret: whoever knows it may do what the page is for.
    static let secretParameter = "{token}"

    var holdsSecret: Bool { path.contains(Self.secretParameter) }

    /// What stands in a path of this route for a parameter.
    func part(_ parameter: String, of path: String) -> String? {
        zip(self.path.split(separator: "/"), path.split(separator: "/")).first { $0.0 == parameter }?
            .1.removingPercentEncoding?.withoutNUL
    }
}

extension RouteTable {
    private static let limitOfLoggedPath = 300

    /// A request's path as every log has it: without what is secret in it, however the request ends.
    ///
    /// Most requests that are refused early have no route yet (another host, another method, a body that cannot be read),
    /// and a link with a slash too many or a letter changed has none at all, but may still be a live one.
    func loggedPath(_ request: Request, _ context: WebContext) -> String {
        let path: String
        if let route = context.notes.route {
            path = route.holdsSecret ? route.path : request.uri.path
        } else {
            path = loggedPath(request.uri.path)
        }
        return path.prefix(scalars: Self.limitOfLoggedPath)
    }

    /// A path as far as it is one of ours, its secrets by the name of their parameter, and nothing of what follows.
    func loggedPath(_ path: String) -> String {
        var candidates = routes.map { $0.path.split(separator: "/") }
        var logged = ""
        for (index, part) in path.split(separator: "/").enumerated() {
            candidates = candidates.filter { $0.count > index }
            // A literal part wins over a parameter, as in the router.
            let literal = candidates.filter { $0[index] == part }
            candidates = literal.isEmpty ? candidates.filter { $0[index].hasPrefix("{") } : literal
            guard let first = candidates.first else { return logged + "/…" }
            logged += "/" + (first[index] == Route.secretParameter ? Substring(Route.secretParameter) : part)
        }
        return logged.isEmpty ? "/" : logged
    }
}
