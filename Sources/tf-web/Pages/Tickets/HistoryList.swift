import TFEngine
import TFExpression
import TFStore

/// The history of a ticket, newest first.
struct HistoryList {
    let entries: [HistoryEntry]
    let company: Company
    /// The ticket's address.
    let path: String
    /// Decides what the visitor may see.
    let reader: TicketReader

    var html: HTML {
        let lines = entries.reversed().compactMap { entry in sentence(entry).map { (entry, $0) } }
        let items = lines.map { entry, sentence -> HTML in
            "<li>\(Elements.time(entry.atMs, company)) – \(sentence)</li>"
        }
        return "<ul class=\"history\">\(items)</ul>"
    }

    /// An entry in words; nil for a step of the workflow, which the diagram shows.
    private func sentence(_ entry: HistoryEntry) -> HTML? {
        let data = reader.visible(entry)
        return switch entry.kind {
        case .step: nil
        case .submitted, .updated, .attached, .cancellation, .reopened, .closed, .failed, .cancelled, .stepRetry,
            .stepSkip, .answersReplaced:
            ofTicket(entry, data)
        case .assigned, .claimed, .started, .held, .released, .reassigned, .handedOver, .prioritized, .completed,
            .tryFailed, .taskFailed, .leaseEnded:
            ofTask(entry, data)
        }
    }

    private func ofTicket(_ entry: HistoryEntry, _ data: JSON) -> HTML? {
        switch entry.kind {
        case .submitted: "\(entry.actor) submitted the ticket"
        case .updated: "\(actor(entry)) changed \(changes(data))"
        case .attached:
            #"\#(entry.actor) added <a href="\#(path)/attachments/\#(data["file"].displayText)">a file</a>"#
        case .answersReplaced: "\(entry.actor) changed the answers"
        case .cancellation: "\(entry.actor) cancelled the ticket"
        case .reopened: "\(entry.actor) opened the ticket again"
        case .closed: "The workflow closed the ticket: <strong>\(data["status"].displayText)</strong>"
        case .failed: "The workflow stopped with an error\(setAside(data["error"]))"
        case .cancelled: "The workflow ended, since the ticket was cancelled"
        case .stepRetry:
            "\(entry.actor) had the failed step tried again: <code>\(data["reference"].displayText)</code>"
        case .stepSkip: "\(entry.actor) skipped the failed step <code>\(data["reference"].displayText)</code>"
        case .step, .assigned, .claimed, .started, .held, .released, .reassigned, .handedOver, .prioritized,
            .completed, .tryFailed, .taskFailed, .leaseEnded:
            nil
        }
    }

    private func ofTask(_ entry: HistoryEntry, _ data: JSON) -> HTML? {
        let title = data["title"].displayText
        switch entry.kind {
        case .assigned:
            let because = ChoiceReason(data).map { ": \($0.sentence)" }
            return "“\(title)” went to \(data["to"].displayText)\(because)"
        case .claimed: return "\(entry.actor) claimed “\(title)”"
        case .started: return "\(entry.actor) started “\(title)”"
        case .held: return "\(entry.actor) put “\(title)” off until \(moment(data["until"]))\(reason(data))"
        case .released where entry.actor == TaskLife.system:
            let loss = data["because"].stringValue.flatMap(HolderLoss.init(rawValue:))
            return "“\(title)” was given back\(loss.map { ": \($0.sentence(of: data["login"].displayText))" })"
        case .released: return "\(entry.actor) gave back “\(title)”\(reason(data))"
        case .reassigned:
            let to = data["to"].stringValue ?? "whom the rule chooses"
            return "\(entry.actor) gave “\(title)” to \(to)\(reason(data))"
        case .handedOver: return "\(entry.actor) handed “\(title)” over to \(data["to"].displayText)\(reason(data))"
        case .prioritized:
            return "\(entry.actor) gave “\(title)” the priority \(data["priority"].displayText)"
        case .completed: return "\(entry.actor) completed “\(title)”\(outcome(data))"
        case .tryFailed:
            return """
                \(entry.actor) failed at “\(title)” (try \(data["try"].displayText) of \(data["of"].displayText))\
                \(error(data))
                """
        case .taskFailed:
            let tries: HTML = "\(data["try"].displayText) \(data["try"].intValue == 1 ? "try" : "tries")"
            let last: HTML =
                entry.actor == TaskLife.system ? ", without a word from the program" : ", the last of \(entry.actor)"
            return "“\(title)” has failed for good after \(tries)\(last)\(error(data))"
        case .leaseEnded: return "No word from \(data["to"].displayText) about “\(title)”; it is tried again"
        case .submitted, .updated, .attached, .cancellation, .reopened, .step, .closed, .failed, .cancelled,
            .stepRetry, .stepSkip, .answersReplaced:
            return nil
        }
    }

    /// Who changed a ticket: a person, or its workflow.
    private func actor(_ entry: HistoryEntry) -> HTML {
        entry.actor == TaskLife.system ? "The workflow" : "\(entry.actor)"
    }

    private func changes(_ data: JSON) -> String {
        (data.objectValue ?? [:]).map { name, value in
            let words = name.replacing("_", with: " ")
            return value == .null ? "\(words): none" : "\(words): \(value.displayText)"
        }.joined(separator: ", ")
    }

    /// Why the workflow was set aside; empty if the reader may not see it.
    private func setAside(_ error: JSON) -> HTML {
        guard let code = error["set_aside"].stringValue.flatMap(SetAsideReason.Code.init(rawValue:)) else {
            return .empty
        }
        return ": \(SetAsideReason(code, facts: error["facts"]).sentence)"
    }

    /// Why the step failed; empty if the reader may not see it.
    private func error(_ data: JSON) -> HTML { data["error"].stringValue.map { ": \($0)" } ?? .empty }

    /// The outcome; empty if there is none, as in some programs' answers.
    private func outcome(_ data: JSON) -> HTML {
        guard let label = data["label"].stringValue ?? data["outcome"].stringValue else { return .empty }
        return ": <strong>\(label)</strong>"
    }

    private func moment(_ value: JSON) -> HTML {
        guard let text = value.stringValue, let moment = company.moment(text) else { return "\(value.displayText)" }
        return Elements.time(moment, company)
    }

    private func reason(_ data: JSON) -> HTML { data["reason"].stringValue.map { ": \($0)" } ?? .empty }
}
