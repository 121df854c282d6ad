import Hummingbird
import TFStore

/// The queues for the site's admins. Handlers wait for Redis, so they run outside of any snapshot.
struct QueueRoutes: Sendable {
    let site: Site

    func add(to routes: inout RouteTable) {
        routes.own(
            .get, "/admin/queues", .administer, on: .site, isLive: true
        ) { request, own in
            .page(
                QueuesPage(
                    report: try await report(own, request.now), tags: request.tags, times: request.times,
                    now: request.now
                ).page)
        }
        routes.own(
            .get, "/queues", .administer, on: .site, query: ListPage.self,
            Operation(
                "listQueues", "Everybody's list, with what the store says", answer: .object(QueueList.answer))
        ) { request, query, own in
            let report = try await report(own, request.now)
            let queues = report.lists.map { list in
                ListLengthAnswer(company: list.company.slug, login: list.login, open: list.open, length: list.length)
            }
            let page = query.paging.part(of: queues) { "\($0.company)/\($0.login)" }
            return .json(QueueList(queues: page.items, next: page.next, outbox: report.outbox.count).json)
        }
    }

    private func report(_ own: OwnRequest, _ now: Int64) async throws -> QueueReport {
        try await .make(of: own.records, site.servers, now: now)
    }
}
