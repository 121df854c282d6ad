import TFDefinition
import TFEngine
import TFStore

/// Says what would be done to the chosen rows, and to which it cannot be done, and asks for the rest.
struct BulkPreview {
    /// How many rows are named; the others are only counted.
    static let limitNamed = 30

    let action: BulkAction
    let list: Link
    /// The list's query.
    let query: String
    let results: [BulkResult]
    /// Whether more rows match than one order takes.
    let hasMore: Bool
    /// A number of rows in words.
    let count: (Int) -> String
    let numbered: (Int) -> String
    let effectOfPriority: String
    /// What giving them to somebody would mean; nil: that is not what is asked.
    let handover: BulkHandover?
    /// The order that this preview answers, whose fields are shown again; nil: none was sent yet.
    let chosen: BulkOrder?
    /// The rows that the chosen person may not have or has already, and that somebody else may get, by number.
    let notTheirs: Set<Int>
    /// What the order has to say for its rows to be these; nil: nothing.
    let agreed: String?
    /// Whom the rows are for, and how many of them these are; empty: that is not told yet.
    let notice: HTML
    let errors: [FieldError]
    let tags: FormTags

    private var possible: [BulkResult] { results.filter { $0.obstacle == nil } }

    var page: Page {
        let title =
            isRefused
            ? action.refusal(count(results.count), isOne: results.count == 1) : action.title(share)
        return Page(
            title,
            """
            \(Elements.head("\(title)", actions: back, back: [Link(list.path, ReadableName.title(list.label))]))\
            \(limit)\(notice)\(results.isEmpty ? unticked : isRefused ? .empty : form(title))\(obstacles)
            """)
    }

    /// Of how many of the chosen rows it is: "18 of 20 tickets".
    private var share: String {
        let all = count(results.count)
        return possible.count == results.count ? all : "\(Elements.grouped(possible.count)) of \(all)"
    }

    private var limit: HTML {
        guard hasMore else { return .empty }
        return Elements.banner(
            .wait, "More match",
            "One order takes \(Elements.grouped(BulkAction.limit)); the others keep their place in the list.")
    }

    /// Whether it can be done to none of the rows.
    private var isRefused: Bool { possible.isEmpty && !results.isEmpty }

    private var back: HTML {
        when(isRefused, #"<a class="btn small" href="\#(list.path)">Back to the list</a>"#)
    }

    private var unticked: HTML {
        let empty = Elements.empty(
            .noMatch, "No row is ticked", "Tick some in the list, or choose all that match.",
            actions: [Link(list.path, "Back to the list")])
        return "<div id=\"\(Elements.fieldID("rows"))\">\(empty)</div>"
    }

    private func form(_ title: String) -> HTML {
        let named = possible.prefix(Self.limitNamed)
        let more = possible.count - named.count
        let items = named.map { result -> HTML in
            let now: HTML = when(
                !result.holders.isEmpty, " <span class=\"soft\">(now with \(Words.list(result.holders)))</span>")
            return "<li>\(numbered(result.row)) \(result.title)\(now)</li>"
        }
        let look = action == .cancel ? "primary danger" : "primary"
        return """
            <form class="card stack" method="post" action="\(list.path.prefix { $0 != "?" } + "/bulk")" novalidate><p>\(consequence)</p>\(held)\(field)\
            <details\(when(more == 0, " open"))><summary>\(count(possible.count))</summary><ul>\(items)\
            \(when(more > 0, "<li class=\"soft\">and \(more) more</li>"))</ul></details>\
            <p class="row"><button class="\(look)">\(title)</button>\
            <a class="btn quiet" href="\(list.path)">No, go back</a></p>\(tags.hidden())\
            <input type="hidden" name="query" value="\(query)">\
            <input type="hidden" name="action" value="\(action.rawValue)">\
            \(hidden("rows", BulkOrder.text(of: askedFor.map(\.row))))\(hidden("others", BulkOrder.text(of: others)))\
            \(hidden("agreed", agreed ?? ""))</form>
            """
    }

    /// The rows of the order: somebody else may get those that the chosen person does not.
    private var askedFor: [BulkResult] { results.filter { $0.obstacle == nil || notTheirs.contains($0.row) } }

    private var others: [Int] {
        results.filter { $0.obstacle != nil && !notTheirs.contains($0.row) }.map(\.row)
    }

    private func hidden(_ name: String, _ value: String) -> HTML {
        when(!value.isEmpty, #"<input type="hidden" name="\#(name)" value="\#(value)">"#)
    }

    private var consequence: String {
        switch action {
        case .reassign:
            "Whoever has the tasks loses them. What they have drafted stays with the task."
        case .priority: effectOfPriority
        case .retry: "The step that failed runs once more, with the same input."
        case .cancel:
            "Their open tasks are not needed any more, and their requesters are told. A cancelled ticket can be reopened within 14 days."
        }
    }

    /// Which holds would end, as the rules of a task's life have it.
    private var held: HTML {
        let held = (handover?.held ?? []).filter { !notTheirs.contains($0) }
        guard !held.isEmpty else { return .empty }
        let numbers = held.prefix(20).map(numbered).joined(separator: ", ")
        let more = held.count > 20 ? " and \(held.count - 20) more" : ""
        return Elements.banner(
            .wait, "\(count(held.count)) on hold",
            """
            \(numbers)\(more): with the new worker the hold ends, and the task stands in their list at once. A task that \
            they have already keeps its hold.
            """)
    }

    private var field: HTML {
        switch action {
        case .reassign:
            let options = (handover?.people ?? []).map { person, number -> HTML in
                let away = when(!person.isAvailable, ", away")
                let isChosen = chosen?.target == .to(person.login)
                return
                    #"<option value="\#(person.login)"\#(when(isChosen, " selected"))>\#(person.name)\#(away)\#(share(of: person, number))</option>"#
            }
            return """
                \(Elements.field("assignee", label: "To whom", errors: errors) { attributes in
                    """
                    <select name="assignee"\(attributes)><option value="">Choose…</option>\
                    <option value="\(BulkOrder.byRule)"\(when(chosen?.target == .byRule, " selected"))>Chosen automatically</option>\
                    \(options)</select>
                    """
                })\(Elements.field("reason", label: "Reason", isOptional: true, errors: errors) { attributes in
                    #"<input class="wide" name="reason" value="\#(chosen?.reason)" autocomplete="off"\#(attributes)>"#
                })
                """
        case .priority:
            let options = Priority.allCases.reversed().map { priority -> HTML in
                #"<option value="\#(priority.rawValue)">\#(priority.rawValue.capitalized)</option>"#
            }
            return Elements.field("priority", label: "Priority", errors: errors) { attributes in
                #"<select name="priority"\#(attributes)><option value="">Choose…</option>\#(options)</select>"#
            }
        case .cancel: return TicketChangePages.reason(chosen?.reason, errors: errors)
        case .retry: return .empty
        }
    }

    /// How many of the rows somebody may have and has already, where it is not all and not none.
    private func share(of person: Assignable, _ number: Int?) -> String {
        let all = askedFor.count
        let own = handover?.own[person.login] ?? 0
        let notes: [String?] = [
            number.flatMap { $0 == all ? nil : "may have \($0 == 0 ? "none" : "\($0)") of the \(all)" },
            own == 0 ? nil : "has \(own < all ? "\(own)" : all == 1 ? "it" : "all") already",
        ]
        let told = notes.compactMap(\.self)
        return told.isEmpty ? "" : " – \(told.joined(separator: ", "))"
    }

    private var obstacles: HTML {
        BulkReasons(results: results.filter { $0.obstacle != nil }, count: count, numbered: numbered).html
    }
}

/// The rows to which something cannot or could not be done, by reason.
struct BulkReasons {
    let results: [BulkResult]
    let count: (Int) -> String
    let numbered: (Int) -> String

    var html: HTML {
        guard !results.isEmpty else { return .empty }
        let byReason = Dictionary(grouping: results) { $0.obstacle ?? "" }.sorted { $0.value.count > $1.value.count }
        let items = byReason.map { reason, rows -> HTML in
            let numbers = rows.prefix(20).map { numbered($0.row) }.joined(separator: ", ")
            let more = rows.count > 20 ? " and \(rows.count - 20) more" : ""
            return "<dt>\(count(rows.count))</dt><dd>\(reason) <span class=\"soft\">\(numbers)\(more)</span></dd>"
        }
        return Elements.card("Not these", #"<dl class="facts">\#(items)</dl>"#)
    }
}

/// Says of each row what became of it.
struct BulkResultPage {
    let list: Link
    let results: [BulkResult]
    let count: (Int) -> String
    let numbered: (Int) -> String

    var page: Page {
        let failed = results.filter { $0.obstacle != nil }
        let done = results.count { $0.obstacle == nil && $0.keeper == nil }
        let all = count(results.count)
        let title =
            done == results.count
            ? "Done with \(all)"
            : done > 0 || !failed.isEmpty
                ? "Done with \(Elements.grouped(done)) of \(all)" : "There was nothing to change"
        let rows = (failed + results.filter { $0.obstacle == nil }).map { result -> HTML in
            let path = "\(list.path.prefix { $0 != "?" })/\(result.row)"
            let link: HTML = "<a href=\(HTML.value(path))>\(result.title)</a>"
            let tone: Tone = result.obstacle != nil ? .fail : result.keeper != nil ? .off : .done
            let words = result.obstacle ?? result.done
            return """
                <tr><td>\(numbered(result.row))<td>\(when(!result.title.isEmpty, link))<td class=\(tone.rawValue)>\(words)
                """
        }
        // No list of rows: those cut off what does not fit, and a reason is to be read to its end.
        let table: HTML = """
            <table><caption class=vh>What became of each</caption>\
            <thead><tr><th scope=col class=w1>No.<th scope=col>Title<th scope=col>Result<tbody>\(rows)</table>
            """
        return Page(
            title,
            """
            \(Elements.head("\(title)", actions: #"<a class="btn small" href="\#(list.path)">Back to the list</a>"#, back: [Link(list.path, ReadableName.title(list.label))]))\
            \(kept)\(table)
            """)
    }

    /// Of how many nothing was changed, since whoever was to get them had them.
    private var kept: HTML {
        let kept = results.filter { $0.keeper != nil }
        guard let name = kept.first?.keeper else { return .empty }
        let stay =
            kept.count == 1 ? "is \(name)’s already and stays as it is" : "are \(name)’s already and stay as they are"
        return "<p>\(count(kept.count)) \(stay).</p>"
    }
}
