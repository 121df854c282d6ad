import Foundation
import NIOHTTP1
import TFExpression

/// What a request costs: the web process's processor time for it, as a multiple of the same process's `/healthz` in the
/// same run.
struct PageCosts {
    let site: ServedSite
    let shape: SiteShape
    let web: ProcessFigures
    /// Requests of each kind.
    let requests: Int

    /// A kind of request.
    struct Row {
        let name: String
        let status: Int
        /// The most that it may cost; nil: no more than others.
        let limit: Double?
        /// What a Django site with the same pages and rows costs; nil: not measured.
        let django: Double?
        let send: (Int) async throws -> ServedSite.Answer
    }

    struct Cost {
        let row: Row
        /// Seconds of processor time for one request.
        let seconds: Double
        /// In units of `/healthz`.
        let multiple: Double
        /// Bytes of the answer's body.
        let bytes: Int
    }

    func run(_ rows: [Row]) async throws -> [Cost] {
        let health = Row(name: "/healthz", status: 200, limit: nil, django: nil) { _ in
            try await site.send(.GET, "/healthz")
        }
        // So many as it takes for ticks of 10 ms to say something.
        let unit = try await measure(health, 10 * requests)
        var costs = [Cost(row: health, seconds: unit.seconds, multiple: 1, bytes: unit.bytes)]
        for row in rows {
            let (seconds, bytes) = try await measure(row, requests)
            costs.append(Cost(row: row, seconds: seconds, multiple: seconds / unit.seconds, bytes: bytes))
        }
        return costs
    }

    private func measure(_ row: Row, _ count: Int) async throws -> (seconds: Double, bytes: Int) {
        let first = try await row.send(0)
        guard first.status == row.status else {
            throw BenchError.failed("\(row.name): \(first.status) instead of \(row.status)")
        }
        let before = try web.processorTime()
        for number in 1...count { _ = try await row.send(number) }
        return ((try web.processorTime() - before) / Double(count), first.body.utf8.count)
    }

    /// The requests of the table, in the first company.
    func rows() async throws -> [Row] {
        let company = shape.slug(1)
        let (page, operation) = ("/c/\(company)", "/api/v1/companies/\(company)")
        let requester = try await site.cookies(shape.requester(of: 1))
        let worker = try await site.cookies(shape.worker(0, of: 1))
        let admin = try await site.cookies(shape.admin(of: 1))
        let bearer = try await site.token(shape.admin(of: 1))
        let submitter = try await site.token(shape.requester(of: 1))
        let (ticket, task) = try await open(worker: worker, bearer: bearer, operation)
        let form = try await site.send(.GET, "\(page)/tickets/new/thing", headers: [("Cookie", requester)])
        func seen(_ name: String, _ cookies: String, _ path: String, _ limit: Double, _ django: Double?) -> Row {
            Row(name: name, status: 200, limit: limit, django: django) { [site] _ in
                try await site.send(.GET, path, headers: [("Cookie", cookies)])
            }
        }
        func read(_ name: String, _ path: String, _ limit: Double, _ django: Double?) -> Row {
            Row(name: name, status: 200, limit: limit, django: django) { [site] _ in
                try await site.send(.GET, operation + path, headers: [("Authorization", "Bearer \(bearer)")])
            }
        }
        return [
            seen("form page", requester, "\(page)/tickets/new/thing", 2, 14),
            Row(name: "form page, 422", status: 422, limit: 2, django: 16) { [site] _ in
                try await site.post(
                    "\(page)/tickets/new/thing", [("_csrf", form.hidden("_csrf")), ("f.why", "because")],
                    cookies: requester)
            },
            seen("My tasks", worker, "\(page)/my/tasks", 3, 43),
            seen("My tickets", requester, "\(page)/my/tickets", 3, 43),
            seen("Tickets", admin, "\(page)/tickets", 3, 43),
            seen("Tasks", admin, "\(page)/tasks", 3, 43),
            seen("ticket page", requester, "\(page)/tickets/\(ticket)", 3.5, 38),
            seen("task page", worker, "\(page)/tasks/\(task)", 3.5, 38),
            read("REST list of 50", "/tickets?limit=50", 2, 19),
            read("REST, one ticket", "/tickets/\(ticket)", 1.5, nil),
            Row(name: "submitting over REST", status: 201, limit: 4, django: 25) { [site] number in
                try await site.send(
                    .POST, "\(operation)/tickets",
                    headers: [("Authorization", "Bearer \(submitter)"), ("Content-Type", "application/json")],
                    #"{"type":"thing","form":{"what":"One more thing \#(number)","why":"Because","where":"There"}}"#)
            },
        ]
    }

    /// The number of an open ticket and its task, which the worker has.
    private func open(worker: String, bearer: String, _ operation: String) async throws -> (ticket: Int, task: Int) {
        let path = "\(operation)/tasks?assignee=\(shape.worker(0, of: 1))&state=assigned&limit=1"
        let answer = try await site.send(.GET, path, headers: [("Authorization", "Bearer \(bearer)")])
        let item = try JSON(parsing: Array(answer.body.utf8))["items"].arrayValue?.first ?? .null
        guard let ticket = item["ticket"].intValue, let task = item["id"].intValue else {
            throw BenchError.failed("finding an open task: \(answer.body)")
        }
        return (ticket, task)
    }
}
