import TFStore

/// The health of the site. The handler waits for Redis, so it runs outside of any snapshot.
struct SystemRoutes: Sendable {
    let site: Site

    func add(to routes: inout RouteTable) {
        routes.own(
            .get, "/admin/system", .administer, on: .site
        ) { request, own in
            let report = try await SystemReport.make(site, own.records, now: request.now)
            return .page(
                SystemPage(
                    report: report, settings: site.settings.shown,
                    times: request.times, now: request.now
                ).page)
        }
    }
}
