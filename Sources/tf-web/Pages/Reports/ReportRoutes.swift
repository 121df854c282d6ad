import Hummingbird
import TFStore

/// A company's reports, for ticket admins.
enum ReportRoutes {
    private static let path = "/c/{company}/reports"

    static func add(to routes: inout RouteTable) {
        routes.page(
            path, .listTickets, on: .company, query: ReportQuery.self, navigation: .at(.reports, "Reports"),
            ReportsPage.make)
        routes.table("\(path)/table", .listTickets, on: .company, query: ReportQuery.self) { request, query, session in
            let table = query.table ?? .flow
            let report = try ReportsPage.report(request, query, session)
            guard report.unknown.isEmpty else { throw Failure.invalid(report.unknown) }
            return report.table(table).reply(named: "\(table.rawValue)")
        }
    }
}
