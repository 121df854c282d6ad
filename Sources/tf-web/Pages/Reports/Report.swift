import TFDefinition
import TFEngine
import TFStore

/// The figures of the reports, read from one snapshot. They count only what the reader may see.
///
/// Of one step there are the figures of its tasks alone: tickets come and go with their whole workflow.
struct Report: Sendable {
    /// How many rows a plot of steps, types or workers has at most.
    static let limitRows = 6
    /// How many rows its table has at most.
    private static let limitInTable = 100

    let query: ReportQuery
    let stretches: [FlowPlot.Stretch]
    /// By day, from Monday, and by stretch of two hours.
    let hours: [[Int]]
    let open: [OpenGroup]
    let timeToClose: TypicalTimes?
    let steps: [StepTimes]
    let openSteps: [(step: String, tasks: Int)]
    let workers: [WorkerTimes]
    /// The titles of the company's types and tasks, by name.
    let typeTitles: DefinitionTitles
    let taskTitles: DefinitionTitles
    /// Types and steps that the query names and nobody knows.
    let unknown: [FieldError]

    init(
        _ company: Company, _ scopes: (tickets: TicketScope, tasks: TaskScope), _ query: ReportQuery,
        _ session: CompanyReadSession, now: Int64
    ) throws {
        let filter = query.filter(in: company, now: now)
        self.query = query
        let isOfStep = query.step != nil
        let opened = isOfStep ? [:] : try session.opened(scope: scopes.tickets, filter)
        let closed = isOfStep ? [:] : try session.closed(scope: scopes.tickets, filter)
        let calendar = ReportCalendar(company, query.period, now: now)
        stretches = calendar.stretches(opened: opened, closed: closed)
        hours = calendar.hours(opened)
        open =
            isOfStep
            ? []
            : try session.openTickets(scope: scopes.tickets, filter, bounds: Self.bounds(now: now), now: now)
        timeToClose = isOfStep ? nil : try session.timeToClose(scope: scopes.tickets, filter)
        steps = try session.stepTimes(scope: scopes.tasks, filter, limit: Self.limitInTable)
        openSteps = try session.openSteps(scope: scopes.tasks, filter, limit: Self.limitInTable)
        workers = try session.workerTimes(scope: scopes.tasks, filter, limit: Self.limitInTable)
        typeTitles = try session.titles(of: .ticket)
        taskTitles = try session.titles(of: .task)
        unknown = try Self.unknown(query, session)
    }

    // MARK: Ages

    static let ages = ["Under 1 day", "1 to 3 days", "3 to 7 days", "1 to 2 weeks", "Over 2 weeks"]

    private static func bounds(now: Int64) -> [Int64] { [1, 3, 7, 14].map { now - $0 * 86_400_000 } }

    /// The open and the late tickets of each age.
    var byAge: [(age: String, tickets: Int, late: Int)] {
        Self.ages.enumerated().map { index, age in
            let groups = open.filter { $0.age == index }
            return (age, groups.reduce(0) { $0 + $1.tickets }, groups.reduce(0) { $0 + $1.late })
        }
    }

    /// The open tickets of each type, the most frequent first.
    var byType: [(name: String, type: String, tickets: Int, late: Int)] {
        Dictionary(grouping: open, by: \.type).map { type, groups in
            (type, typeTitle(type), groups.reduce(0) { $0 + $1.tickets }, groups.reduce(0) { $0 + $1.late })
        }.sorted { ($1.tickets, $0.type) < ($0.tickets, $1.type) }
    }

    // MARK: Sums

    var opened: Int { stretches.reduce(0) { $0 + $1.opened } }
    var closed: Int { stretches.reduce(0) { $0 + $1.closed } }
    var openNow: Int { open.reduce(0) { $0 + $1.tickets } }
    var late: Int { open.reduce(0) { $0 + $1.late } }
    var isEmpty: Bool {
        opened == 0 && closed == 0 && openNow == 0 && steps.isEmpty && (query.step == nil || openSteps.isEmpty)
    }
    /// The tasks that were done and that are open, of the steps that are shown.
    var tasksDone: Int { steps.reduce(0) { $0 + $1.times.count } }
    var tasksOpen: Int { openSteps.reduce(0) { $0 + $1.tasks } }

    /// What is said of a type or a step that the company does not have, and never had.
    private static func unknown(_ query: ReportQuery, _ session: CompanyReadSession) throws -> [FieldError] {
        guard query.type != nil || query.step != nil else { return [] }
        let definitions = try session.definitions()
        // A ticket without a workflow has a task without a definition.
        return [("type", query.type, DefinitionKind.ticket), ("step", query.step, .task)].compactMap {
            field, name, kind in
            guard let name, name != WorkflowDefinition.handle.name,
                !definitions.contains(where: { $0.kind == kind && $0.name == name })
            else { return nil }
            return FieldError(field: field, message: "There is no \(field) “\(name)” here, so nothing is counted")
        }
    }

    func typeTitle(_ name: String) -> String { typeTitles[name] }
    func taskTitle(_ name: String) -> String { taskTitles[name] }
}

/// Puts moments into the days and hours of the company's time zone.
private struct ReportCalendar {
    private let offset: @Sendable (Int64) -> Int
    private let first: CalendarDate
    private let period: ReportQuery.Period

    init(_ company: Company, _ period: ReportQuery.Period, now: Int64) {
        offset = company.offset
        first = CalendarDate(days: company.today(now: now).days - period.days + 1)
        self.period = period
    }

    func stretches(opened: [Int64: Int], closed: [Int64: Int]) -> [FlowPlot.Stretch] {
        let (opened, closed) = (byStretch(opened), byStretch(closed))
        return opened.indices.map { index in
            let day = CalendarDate(days: first.days + index * period.stretch)
            return FlowPlot.Stretch(label: day.withoutYear, opened: opened[index], closed: closed[index])
        }
    }

    private func byStretch(_ slots: [Int64: Int]) -> [Int] {
        slots.reduce(into: Array(repeating: 0, count: period.days / period.stretch)) { sums, slot in
            let seconds = slot.key / 1000
            let day = CalendarDate(secondsSince1970: seconds, offset: offset(seconds))
            let index = (day.days - first.days) / period.stretch
            if sums.indices.contains(index) { sums[index] += slot.value }
        }
    }

    /// By day of the week, from Monday, and by stretch of two hours.
    func hours(_ slots: [Int64: Int]) -> [[Int]] {
        slots.reduce(into: Array(repeating: Array(repeating: 0, count: 12), count: 7)) { sums, slot in
            let seconds = slot.key / 1000
            let shift = offset(seconds)
            let day = CalendarDate(secondsSince1970: seconds, offset: shift)
            let ofDay = seconds + Int64(shift) - Int64(day.days) * 86_400
            sums[(day.weekday + 6) % 7][Int(ofDay / 7_200)] += slot.value
        }
    }
}
