import Foundation
import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The facts, answers and files beside a ticket's conversation.
struct TicketAside {
    let on: OnTicket
    let type: TicketDefinition
    /// How the ticket's workflow may end; nil: it is not known.
    let endings: WorkflowEndings?
    /// The tasks that the visitor may see.
    let tasks: [TaskRecord]
    let attachments: [Attachment]
    /// The people who added the files, by the file's id.
    let uploaders: [AttachmentID: String]
    let reader: TicketReader
    /// Whether the visitor may open the ticket of which this one is a duplicate.
    let readsOriginal: Bool
    let tags: FormTags
    let times: Times

    private var ticket: Ticket { on.ticket }

    var facts: HTML {
        let open = tasks.filter(\.state.isOpen)
        var facts: [(String, HTML)] = [("State", state)]
        if ticket.state == .open, !open.isEmpty { facts.append(("With", with(open))) }
        facts.append(("Asked by", Elements.person(ticket.requesterName, ticket.requesterID)))
        facts.append(("Asked", times.moment(ticket.createdAtMs)))
        facts.append(("Type", "\(type.title)"))
        if ticket.dueAtMs != nil {
            facts.append(("Due", ticket.state == .open ? times.due(ticket.dueAtMs) : times.moment(ticket.dueAtMs)))
        }
        if let closed = ticket.closedAtMs {
            facts.append((ticket.state == .failed ? "Stopped" : "Ended", times.moment(closed)))
        }
        facts.append(("Priority", ticket.priority == .normal ? "Normal" : Elements.priority(ticket.priority)))
        if !labels.isEmpty { facts.append(("Labels", "\(labels)")) }
        if let original = ticket.duplicateOf {
            let link: HTML = #"<a href="/c/\#(on.company.slug)/tickets/\#(original)">#\#(original)</a>"#
            facts.append(("Duplicate of", readsOriginal ? link : "#\(original)"))
        }
        return Elements.card(nil, "<h2 class=vh>Facts</h2>\(Elements.facts(facts))")
    }

    /// How the ticket looks.
    var tone: Tone { ticket.state.tone(ticket.status, endings) }

    private var state: HTML {
        let open = tasks.filter(\.state.isOpen)
        let isUnclaimed = ticket.status == TicketStatus.usual && !open.isEmpty && open.allSatisfy { $0.state == .ready }
        let status = isUnclaimed ? "with nobody" : ticket.status
        let word = ticket.state == .open || ticket.state == .closed ? status : ticket.state.label
        let isWaiting = !open.isEmpty && open.allSatisfy { $0.state == .held || $0.state == .ready }
        return Elements.tag(
            ticket.state == .open && isWaiting ? .wait : tone, Words.capitalized(word))
    }

    private func with(_ open: [TaskRecord]) -> HTML {
        var seen: Set<AccountID> = []
        let people = open.compactMap { task -> HTML? in
            guard let id = task.assigneeID, let name = task.assigneeName, seen.insert(id).inserted else { return nil }
            return Elements.person(name, id)
        }
        guard let first = people.first else { return "Nobody" }
        return people.dropFirst().reduce(first) { "\($0)<br>\($1)" }
    }

    private var labels: [HTML] {
        let words = ticket.labels.arrayValue?.compactMap(\.stringValue) ?? []
        guard on.actor.managedTickets != nil else { return words.map { "<span class=\"count\">\($0)</span> " } }
        return words.map { word in
            let query = word.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return #"<a class=count href="/c/\#(on.company.slug)/tickets?label=\#(query)">\#(word)</a> "#
        }
    }

    var answers: HTML {
        let list = AnswerList(
            fields: ticket.fields, answers: ticket.form, company: on.company, files: "\(on.path)/attachments",
            reader: reader.answers
        ).withoutTexts
        return list.isEmpty ? .empty : Elements.card("Answers", list.html)
    }

    /// Whether an answer that the visitor may read is a file.
    private var answersHoldFiles: Bool {
        ticket.fields.contains { field in
            field.type == .upload && reader.answers.maySee(field) && ticket.form[field.id].arrayValue?.isEmpty == false
        }
    }

    var files: HTML {
        let items = attachments.map { file -> HTML in
            """
            <li><a href="\(on.path)/attachments/\(file.id)" download>\(file.name)</a> <span class=soft>\
            \(ByteSize.text(file.size))\(uploaders[file.id].map { ", \($0)" })</span></li>
            """
        }
        let list: HTML =
            items.isEmpty
            ? "<p class=\"sm soft\">\(answersHoldFiles ? "None but those in the answers." : "No files yet.")</p>"
            : "<ul class=\"menu sm\">\(items)</ul>"
        return Elements.card(
            "Files", isOnPaper: !items.isEmpty,
            """
            \(list)<details><summary class="sm soft">Add files</summary><form class=stack method=post \
            action="\(on.path)/attachments" enctype=multipart/form-data novalidate>\(tags.hidden())\
            \(Elements.field("file", in: "add", label: "Files", errors: []) { attributes in
                #"<input type="file" name="file" multiple\#(attributes)>"#
            })<button class=small>Add</button></form></details>
            """)
    }
}
