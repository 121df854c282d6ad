import Hummingbird
import TFStore

/// A company's reports, for ticket admins.
enum ReportRoutes {
    private static let path = "/c/{company}/reports"

    static func add(to routes: inout RouteTable) {
        routes.page(
            path, .listTickets, on: .company, query: ReportQuery.self, navigation: .at(.reports, "Reports"),
            ReportsPage.make)
        // A file and not a page.
        routes.own(.get, "\(path)/table", .listTickets, on: .company) { request, own in
            let query = ReportQuery(fitting: own.request, FieldRules(ReportQuery.self))
            let table = query.table ?? .flow
            let reply = try await own.read(in: request.company) { session in
                try ReportsPage.report(request, query, session).table(table).reply(named: "\(table.rawValue)")
            }
            return .response(reply.response)
        }
    }
}
