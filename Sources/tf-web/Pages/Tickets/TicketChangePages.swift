import TFDefinition
import TFStore

/// The pages behind a ticket's menu: each asks for one change.
enum TicketChangePages {
    /// Title, priority, labels and due date.
    @Sendable static func details(
        _ request: ProvedRequest<OnTicket>, _ session: CompanyReadSession
    ) throws -> Page {
        let (ticket, typed) = (request.ticket, request.typed)
        func value(_ name: String, _ stored: String) -> String { typed.isFirst ? stored : typed.form[name] ?? "" }
        let labels = ticket.labels.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? ""
        let due = ticket.dueAtMs.flatMap {
            TypedMoment(secondsSince1970: $0 / 1000)?.local(offset: request.company.offset)
        }
        let priority = value("priority", ticket.priority.rawValue)
        let options = Priority.allCases.map { one -> HTML in
            """
            <option value="\(one.rawValue)"\(when(one.rawValue == priority, " selected"))>\(Words.priority(one))</option>
            """
        }
        let fields: HTML = """
            \(Elements.field("title", label: "Title", errors: typed.errors) { attributes in
                #"<input class="wide" name="title" value="\#(value("title", ticket.title))" autocomplete="off"\#(attributes)>"#
            })\
            \(Elements.field("priority", label: "Priority", errors: typed.errors) { attributes in
                #"<select name="priority"\#(attributes)>\#(options)</select>"#
            })\
            \(Elements.field(
                "labels", label: "Labels", hint: "Words by which it is found, with commas between.", isOptional: true,
                errors: typed.errors
            ) { attributes in
                #"<input class="wide" name="labels" value="\#(value("labels", labels))" autocomplete="off"\#(attributes)>"#
            })\
            \(Elements.field(
                "due", label: "Due", hint: "In \(request.company.timeInWords).", isOptional: true,
                errors: typed.errors
            ) { attributes in
                #"<input type="datetime-local" name="due" value="\#(value("due", due ?? ""))"\#(attributes)>"#
            })
            """
        return page(
            "Edit the ticket", request, fields, action: "details", button: "<button class=\"primary\">Save</button>")
    }

    /// Of which ticket it is a duplicate.
    @Sendable static func duplicate(
        _ request: ProvedRequest<OnTicket>, _ session: CompanyReadSession
    ) throws -> Page {
        let typed = request.typed
        let number = typed.isFirst ? request.ticket.duplicateOf.map(String.init) : typed.form["duplicate_of"]
        let field = Elements.field(
            "duplicate_of", label: "Duplicate of ticket number",
            hint: "Such as 8 or #8. This ticket then shows where it goes on.", errors: typed.errors
        ) { attributes in
            #"<input size="10" name="duplicate_of" value="\#(number)" autocomplete="off"\#(attributes)>"#
        }
        let cancel: HTML = when(
            request.ticket.isCancellable && request.subject.may(.cancelTicket),
            """
            <label class="pick"><input type="checkbox" name="cancel" value="true"\
            \(when(typed.form["cancel"] == "true", " checked"))> Also cancel this ticket</label>
            """)
        let remove: HTML = when(
            request.ticket.duplicateOf != nil, #"<button name="remove" value="true">Remove the link</button>"#)
        return page(
            "Link as a duplicate", request, "\(field)\(cancel)", action: "duplicate",
            button: "<button class=\"primary\">Link</button>\(remove)")
    }

    /// Asks before a ticket is cancelled.
    @Sendable static func cancellation(
        _ request: ProvedRequest<OnTicket>, _ session: CompanyReadSession
    ) throws -> Page {
        let ticket = request.ticket
        guard ticket.isCancellable else { return .elsewhere(request.subject.path) }
        let open = request.subject.told(try session.tasks(ticket: ticket.id)).filter(\.state.isOpen)
        let people = Set(open.compactMap(\.assigneeName)).sorted().map { name -> HTML in "<b>\(name)</b>" }
        let loses: HTML =
            open.isEmpty
            ? .empty
            : "Its \(Words.count(open.count, "open task"))\(when(!people.isEmpty, ", now with \(Words.list(people)),")) will not be needed any more. "
        let text: HTML = """
            <p>\(loses)What was said and answered stays, and it can be opened again within 14 days.</p>\
            \(reason(request.typed.form["reason"], errors: request.typed.errors))
            """
        return page(
            "Cancel ticket #\(ticket.number)?", request, text, action: "cancellation",
            button: "<button class=\"primary danger\">Cancel ticket #\(ticket.number)</button>", back: "No, keep it")
    }

    /// Asks why one ticket or several are cancelled.
    static func reason(_ typed: String?, errors: [FieldError]) -> HTML {
        Elements.field(
            "reason", label: "Reason", hint: "Everybody who reads the ticket sees it.", isOptional: true, errors: errors
        ) { attributes in
            #"<input class="wide" name="reason" value="\#(typed)" autocomplete="off"\#(attributes)>"#
        }
    }

    private static func page(
        _ title: String, _ request: ProvedRequest<OnTicket>, _ content: HTML, action: String, button: HTML,
        back: String = "Back to the ticket"
    ) -> Page {
        let (subject, ticket) = (request.subject, request.ticket)
        let way = [subject.list, Link(subject.path, "#\(ticket.number) \(ticket.title)")]
        return Page(
            title,
            """
            \(Elements.head("\(title)", back: way))\
            <form class="card" method="post" action="\(subject.path)/\(action)" novalidate>\
            \(request.tags.hidden(version: ticket.version))\(content)\
            <div class="dock row">\(button)<a class="btn quiet" href="\(subject.path)">\(back)</a></div></form>
            """
        ).under(subject.position)
    }
}
