import HTTPTypes
import Hummingbird
import NIOCore
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// Lists as tables for spreadsheets (RFC 4180). Moments are in UTC; in a list with a company, in its time, with the
/// offset.
enum CSV {
    /// Rows of a table if the query sets no limit.
    static let limitRows = 10_000
    /// The header with the value for `after`, if more rows follow.
    static let nextHeader = "X-Next"

    /// What a page's list of tickets shows beside their own values.
    struct ShownTickets {
        let company: Company
        let types: DefinitionTitles
        let requesters: [TicketID: String]

        fileprivate static let heads = ["type_title", "requester_name", "waiting_for_names"]

        fileprivate func cells(_ ticket: TicketRow) -> [String] {
            let names = ticket.waiting.map { $0.assigneeName ?? "nobody" }.joined(separator: ", ")
            return [
                types[ticket.type], requesters[ticket.id] ?? ticket.requester, names,
            ]
        }
    }

    /// - Parameters:
    ///   - shown: nil: a program's table. A page's has names too, and is due when the list says so: when the ticket or
    ///     one of its open tasks is due next.
    ///   - isCut: whether more rows match than the file holds; then its last line says so.
    static func tickets(
        _ rows: [TicketRow], as shown: ShownTickets? = nil, next: String?, isCut: Bool = false
    ) -> Reply {
        let company = shown?.company
        let heads =
            [
                "number", "type", "title", "status", "state", "priority", "labels", "requester", "waiting_for",
                "created",
                "updated", "due", "closed",
            ] + (shown == nil ? [] : ShownTickets.heads)
        return response(
            "tickets", heads,
            rows.map { ticket in
                let labels = (ticket.labels.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
                let waiting = ticket.waiting.map { $0.assignee ?? "nobody" }.joined(separator: ", ")
                let isDueNext = shown != nil && ticket.state == .open
                let cells = [
                    String(ticket.number), ticket.type, ticket.title, ticket.status, ticket.state.rawValue,
                    ticket.priority.rawValue, labels, ticket.requester, waiting,
                    time(ticket.createdAtMs, company), time(ticket.updatedAtMs, company),
                    time(isDueNext ? ticket.nextDueAtMs : ticket.dueAtMs, company), time(ticket.closedAtMs, company),
                ]
                return cells + (shown?.cells(ticket) ?? [])
            } + (isCut ? [cut] : []), next: next)
    }

    /// - Parameter company: of a page's table, which names people as its list does; nil: a program's.
    static func tasks(
        _ rows: [TaskRecord], in company: Company? = nil, next: String?, isCut: Bool = false
    ) -> Reply {
        let heads =
            [
                "id", "name", "title", "state", "assignee", "ticket", "ticket_title", "priority", "due", "created",
                "finished", "outcome",
            ] + (company == nil ? [] : ["assignee_name"])
        return response(
            "tasks", heads,
            rows.map { task in
                [
                    task.id.description, task.name, task.title, task.state.rawValue, task.assignee ?? "",
                    String(task.ticketNumber), task.ticketTitle, task.priority.rawValue, time(task.dueAtMs, company),
                    time(task.createdAtMs, company), time(task.finishedAtMs, company),
                    task.output?["outcome"].stringValue ?? "",
                ] + (company == nil ? [] : [task.assigneeName ?? ""])
            } + (isCut ? [cut] : []), next: next)
    }

    static func audit(_ entries: [AuditEntry], next: String?, isCut: Bool = false) -> Reply {
        response(
            "audit", ["at", "actor", "action", "subject", "company", "old", "new", "address"],
            entries.map { entry in
                [
                    time(entry.atMs, nil), entry.actor, entry.action.rawValue, entry.subject.text, entry.company ?? "",
                    entry.old?.text ?? "", entry.new?.text ?? "", entry.address,
                ]
            } + (isCut ? [cut] : []), next: next)
    }

    private static let cut = ["More than \(Elements.grouped(limitRows)) match; narrow the list to have the others."]

    private static func time(_ milliseconds: Int64?, _ company: Company?) -> String {
        milliseconds.map { company?.iso8601($0) ?? Moment.iso8601($0) } ?? ""
    }

    /// A table as a file with this name.
    static func response(_ name: String, _ heads: [String], _ rows: [[String]], next: String?) -> Reply {
        let lines = ([heads] + rows).map { $0.map(cell).joined(separator: ",") + "\r\n" }
        var reply = Reply(
            status: .ok,
            headers: [
                .contentType: "text/csv; charset=utf-8; header=present",
                .contentDisposition: ContentDisposition.attachment("\(name).csv"),
            ], body: ByteBuffer(string: lines.joined()))
        if let next { reply.headers[SecurityHeaders.name(nextHeader)] = next }
        return reply
    }
}

extension Company {
    /// A moment in the company's time zone: `2026-11-28T13:25:00+01:00`.
    fileprivate func iso8601(_ milliseconds: Int64) -> String {
        let minutes = offset(milliseconds / 1000) / 60
        let parts = [abs(minutes) / 60, abs(minutes) % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        let local = Moment.iso8601(milliseconds + Int64(minutes) * 60_000).dropLast()
        return "\(local)\(minutes < 0 ? "-" : "+")\(parts.joined(separator: ":"))"
    }
}
