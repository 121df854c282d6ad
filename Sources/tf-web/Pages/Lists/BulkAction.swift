import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// What can be done with several rows of a list at once.
enum BulkAction: String, Sendable, CaseIterable {
    case reassign
    case priority
    case retry
    case cancel

    /// How many rows one order takes at most.
    static let limit = 1_000

    static let ofTickets: [BulkAction] = [.reassign, .priority, .retry, .cancel]
    static let ofTasks: [BulkAction] = [.reassign, .priority, .retry]

    /// Whether a list offers it: to some of its rows it can be done.
    /// - Parameters:
    ///   - holdsOpen: whether open rows can be in the list.
    ///   - holdsFailed: whether rows that have failed can be.
    func isOffered(holdsOpen: Bool, holdsFailed: Bool) -> Bool {
        switch self {
        case .priority: holdsOpen
        case .retry: holdsFailed
        // What has failed may have tasks beside the one that did.
        case .reassign, .cancel: holdsOpen || holdsFailed
        }
    }

    /// The button in the list.
    var label: String {
        switch self {
        case .reassign: "Reassign"
        case .priority: "Set priority"
        case .retry: "Try again"
        case .cancel: "Cancel"
        }
    }

    /// What the preview and its button say it does, with how many of what.
    func title(_ count: String) -> String {
        switch self {
        case .reassign: "Reassign \(count)"
        case .priority: "Set the priority of \(count)"
        case .retry: "Try \(count) again"
        case .cancel: "Cancel \(count)"
        }
    }

    /// What the preview says if it can be done to none.
    /// - Parameter rows: their number and kind, as "3 tickets".
    func refusal(_ rows: String, isOne: Bool) -> String {
        let what =
            switch self {
            case .reassign: "reassigned"
            case .priority: "given another priority"
            case .retry: "tried again"
            case .cancel: "cancelled"
            }
        return isOne ? "It cannot be \(what)" : "None of these \(rows) can be \(what)"
    }
}

/// The bar below a list in which rows can be ticked: it leads to a preview of what would be done to them.
struct BulkBar {
    /// The preview's address.
    let path: String
    /// The list, for "all that match".
    let address: ListAddress
    let actions: [BulkAction]
    /// How many rows match in all, up to `Store.limitShown`.
    let matching: Int

    /// The form's beginning, before the rows.
    var start: HTML {
        """
        <form action=\(HTML.value(path))>\
        \(when(!address.items.isEmpty, "<input type=hidden name=query value=\"\(address.query)\">"))
        """
    }

    /// The bar and the form's end.
    var end: HTML {
        let number = matching < Store.limitShown ? "all \(matching)" : "all"
        let all: HTML = when(
            matching > 1, "<label class=row><input type=checkbox name=match value=all> \(number) that match</label>")
        let buttons = actions.map { action -> HTML in
            """
            <button\(when(action == .cancel, " class=danger")) name=action value=\(action.rawValue)>\
            \(action.label)…</button>
            """
        }
        return """
            <div class="bulk row"><output>selected</output>\(all)<span class="end row">\(buttons)</span></div></form>
            """
    }
}

/// The rows that were ticked in a list, and what is to be done with them.
struct BulkSelection: RequestFields {
    let action: BulkAction?
    /// Numbers of tickets or ids of tasks.
    let rows: [Int]
    /// Whether all rows of the list are meant that match `query`.
    let isAll: Bool
    /// The list's query.
    let query: String
    /// The id of an order whose results are to be shown; nil: a preview.
    let done: String?

    init(_ fields: inout FieldReader) {
        action = fields.optional("action", .word)
        let numbers = fields.optional("n", .list(of: .text(1, 20), most: BulkAction.limit)) ?? []
        rows = BulkOrder.numbers(in: numbers.joined(separator: ","))
        isAll = fields.optional("match", .choice(["all"])) != nil
        query = fields.optional("query", .text(1, 4_000)) ?? ""
        done = fields.optional("done", .text(1, 100))
    }
}

/// An order to do something with several rows, as the preview's form sends it.
struct BulkOrder: RequestFields {
    let action: BulkAction
    let rows: [Int]
    /// Rows that were chosen too, to which it cannot be done: the preview goes on telling why.
    let others: [Int]
    /// To whom tasks are given; nil: nothing was chosen.
    let target: Reassignment?
    let priority: Priority?
    let reason: String?
    /// The query of the list in which the rows were chosen.
    let query: String?
    /// The person and the rows that they may not have, as the preview has named them; nil: it has named none.
    let agreed: String?

    static let noRows = "Tick at least one row in the list"
    /// The assignee's value that leaves the choice to the rule; no login has such a sign.
    static let byRule = "*"

    init(_ fields: inout FieldReader) {
        action = fields.required("action", .word, ask: "Choose what to do")
        rows = Self.numbers(in: fields.required("rows", .text(1, 30_000), ask: Self.noRows))
        others = Self.numbers(in: fields.optional("others", .text(1, 30_000)) ?? "")
        target = fields.optional("assignee", .loginOrRule).map { $0 == Self.byRule ? .byRule : .to($0) }
        priority = fields.optional("priority", .word)
        reason = fields.optional("reason", .text(0, .reason))
        query = fields.optional("query", .text(1, 4_000))
        agreed = fields.optional("agreed", .text(1, 30_100))
    }

    /// What still has to be chosen for the action.
    var unchosen: FieldError? {
        switch action {
        case .reassign where target == nil: FieldError(field: "assignee", message: "Choose to whom")
        case .priority where priority == nil: FieldError(field: "priority", message: "Choose the priority")
        case .reassign, .priority, .retry, .cancel: nil
        }
    }

    /// What `agreed` has to be if these rows are left out; nil: none is.
    func agreement(without refused: [BulkResult]) -> String? {
        guard case .to(let login) = target, !refused.isEmpty else { return nil }
        return "\(login) \(Self.text(of: refused.map(\.row)))"
    }

    /// Whether whoever is to get a row's tasks has all of them already.
    func isDone(to tasks: [TaskRecord]) -> Bool {
        guard action == .reassign, case .to(let login) = target else { return false }
        return tasks.allSatisfy { $0.assignee == login }
    }

    /// The name of whoever is to get the tasks; nil: nobody is named.
    func recipient(_ session: ReadSession) throws -> String? {
        guard action == .reassign, case .to(let login) = target else { return nil }
        return try session.account(login)?.name ?? login
    }

    /// What was done to a row, in words.
    /// - Parameters:
    ///   - recipient: the name of whoever has its tasks now; nil: nobody was named.
    ///   - isSame: whether they had them before.
    func done(to recipient: String?, isSame: Bool) -> String {
        switch action {
        case .reassign:
            guard let recipient else { return "Nobody yet: the rule chooses" }
            return "With \(recipient) \(isSame ? "as before" : "now")"
        case .priority: return priority.map { "Priority is \($0.rawValue) now" } ?? "Priority set"
        case .retry: return "Tried again"
        case .cancel: return "Cancelled"
        }
    }

    /// Reads what `text(of:)` writes, each row once; those beyond the limit are left out.
    static func numbers(in text: String) -> [Int] {
        var known: Set<Int> = []
        let numbers = text.split(separator: ",").compactMap { Int($0) }.filter { $0 > 0 && known.insert($0).inserted }
        return Array(numbers.prefix(BulkAction.limit))
    }

    static func text(of rows: [Int]) -> String { rows.map(String.init).joined(separator: ",") }
}

/// What became of a row.
struct BulkResult: Sendable, Hashable {
    let row: Int
    /// Empty for a row that does not exist for the visitor.
    let title: String
    /// Why nothing was done to it; nil: it was done.
    let obstacle: String?
    /// What was done to it.
    var done = ""
    /// The name of whoever was to get its tasks and had them before, so that it stays as it was; nil: it does not.
    var keeper: String?
    /// Who has its tasks, in a preview of giving them to somebody else.
    var holders: [String] = []

    var json: JSON {
        [
            "row": .int(row), "title": .string(title), "obstacle": .optional(obstacle), "done": .string(done),
            "keeper": .optional(keeper),
        ]
    }

    init(row: Int, title: String, obstacle: String?, done: String = "") {
        (self.row, self.title, self.obstacle, self.done) = (row, title, obstacle, done)
    }

    static func unknown(_ row: Int) -> BulkResult { BulkResult(row: row, title: "", obstacle: "There is none here.") }

    init?(_ json: JSON) {
        guard let row = json["row"].intValue, let title = json["title"].stringValue else { return nil }
        self.init(
            row: row, title: title, obstacle: json["obstacle"].stringValue, done: json["done"].stringValue ?? "")
        keeper = json["keeper"].stringValue
    }
}
