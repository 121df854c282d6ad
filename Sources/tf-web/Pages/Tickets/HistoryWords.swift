import TFDefinition
import TFEngine
import TFExpression
import TFStore

/// The entries of a ticket's history as lines for people.
struct HistoryWords {
    let people: NamedPeople
    let times: Times
    /// The ticket's address.
    let path: String
    let title: String
    /// The names of the files that were added to the ticket, by id.
    let files: [AttachmentID: String]
    /// How the ticket's workflow may end; nil: it is not known.
    let endings: WorkflowEndings?

    /// A line of the timeline.
    struct Line {
        let tone: Tone
        let words: HTML
    }

    /// - Parameters:
    ///   - data: what the reader may see of the entry's facts.
    /// - Returns: nil for a step of the workflow, which the diagram shows.
    func line(_ entry: HistoryEntry, _ data: JSON) -> Line? {
        switch entry.kind {
        case .step: nil
        case .submitted, .uncomputed, .updated, .attached, .cancellation, .reopened, .closed, .failed, .cancelled,
            .stepRetry, .stepSkip, .answersReplaced:
            ofTicket(entry, data).map { words in
                let end: Tone? =
                    entry.kind == .closed ? TicketState.closed.tone(data["status"].displayText, endings) : nil
                return Line(tone: end ?? tone(entry.kind), words: words)
            }
        case .assigned, .claimed, .started, .held, .released, .reassigned, .handedOver, .prioritized, .completed,
            .tryFailed, .taskFailed, .leaseEnded:
            ofTask(entry, data).map { Line(tone: tone(entry.kind), words: $0) }
        }
    }

    private func tone(_ kind: HistoryKind) -> Tone {
        switch kind {
        case .submitted, .updated, .attached, .reopened, .step, .stepRetry, .assigned, .released, .reassigned,
            .handedOver, .prioritized, .answersReplaced:
            .idle
        case .claimed, .started: .work
        case .uncomputed, .held, .leaseEnded: .wait
        case .closed, .completed: .done
        case .failed, .tryFailed, .taskFailed: .fail
        case .cancellation, .cancelled: .off
        case .stepSkip: .skip
        }
    }

    private func ofTicket(_ entry: HistoryEntry, _ data: JSON) -> HTML? {
        let who: HTML = "<b>\(people.name(entry.actor))</b>"
        switch entry.kind {
        case .submitted:
            guard data["for"] != .null else { return "\(who) asked for this" }
            return "\(who) submitted it for \(person(data["for"]))"
        case .uncomputed: return uncomputed(data)
        case .updated: return "\(who) \(Words.list(changes(data)))"
        case .attached:
            let id = AttachmentID(data["file"].displayText)
            return #"\#(who) added <a href="\#(path)/attachments/\#(id)" download>\#(files[id] ?? "a file")</a>"#
        case .answersReplaced: return "\(who) changed the answers"
        case .cancellation: return "\(who) cancelled the ticket\(reason(data))"
        case .reopened: return "\(who) opened the ticket again"
        case .closed: return "The ticket is closed: <b>\(data["status"].displayText)</b>"
        case .failed: return "The workflow stopped with an error\(setAside(data["error"]))"
        case .cancelled: return "The workflow ended, since the ticket was cancelled"
        case .stepRetry: return "\(who) had the failed step “\(step(data))” tried again"
        case .stepSkip: return "\(who) skipped the failed step “\(step(data))”"
        case .step, .assigned, .claimed, .started, .held, .released, .reassigned, .handedOver, .prioritized,
            .completed, .tryFailed, .taskFailed, .leaseEnded:
            return nil
        }
    }

    private func ofTask(_ entry: HistoryEntry, _ data: JSON) -> HTML? {
        let who: HTML = "<b>\(people.name(entry.actor))</b>"
        let (task, subject) = Words.task(data["title"].displayText, ofTicket: title)
        switch entry.kind {
        case .assigned: return "\(subject) went to \(person(data["to"]))"
        case .claimed: return "\(who) took \(task)"
        case .started: return "\(who) started \(task)"
        case .held: return "\(who) put \(task) on hold until \(moment(data["until"]))\(reason(data))"
        case .released where entry.actor == TaskLife.system: return "\(subject) was given back\(loss(data))"
        case .released: return "\(who) gave \(task) back\(reason(data))"
        case .reassigned:
            let to: HTML = data["to"] == .null ? "whom the rule chooses" : person(data["to"])
            return "\(who) gave \(task) to \(to)\(reason(data))"
        case .handedOver: return "\(who) handed \(task) to \(person(data["to"]))\(reason(data))"
        case .prioritized: return "\(who) set the priority of \(task) to \(data["priority"].displayText)"
        case .completed: return "\(who) finished \(task)\(outcome(data))"
        case .tryFailed:
            let count: HTML = "try \(data["try"].displayText) of \(data["of"].displayText)"
            return "\(who) failed at \(task) (\(count))\(error(data))"
        case .taskFailed: return "\(subject) has failed for good after \(tries(data))\(last(entry))\(error(data))"
        case .leaseEnded: return "No word from \(person(data["to"])) about \(task); it is tried again"
        case .submitted, .uncomputed, .updated, .attached, .cancellation, .reopened, .step, .closed, .failed,
            .cancelled, .stepRetry, .stepSkip, .answersReplaced:
            return nil
        }
    }

    // MARK: Parts

    private func person(_ login: JSON) -> HTML { "<b>\(people.name(login.displayText))</b>" }

    private func tries(_ data: JSON) -> HTML {
        "\(data["try"].displayText) \(data["try"].intValue == 1 ? "try" : "tries")"
    }

    private func last(_ entry: HistoryEntry) -> HTML {
        entry.actor == TaskLife.system
            ? ", without a word from the program" : ", the last of <b>\(people.name(entry.actor))</b>"
    }

    private func uncomputed(_ data: JSON) -> HTML? {
        UncomputedKey.Key(rawValue: data["key"].displayText).map { key -> HTML in "\(key.words)\(error(data))" }
    }

    /// What was changed, each as a part of a sentence.
    private func changes(_ data: JSON) -> [HTML] {
        let changes = (data.objectValue ?? [:]).compactMap { name, value in
            ChangedField(rawValue: name).map { change(of: $0, to: value) }
        }
        return changes.isEmpty ? ["changed nothing"] : changes
    }

    private func change(of field: ChangedField, to value: JSON) -> HTML {
        let isGone = value == .null || value == []
        return switch field {
        case .title: "called it “\(value.displayText)”"
        case .priority: "set the priority to <b>\(value.displayText)</b>"
        case .labels: isGone ? "took the labels away" : "set the labels to <b>\(labels(value))</b>"
        case .due: isGone ? "took the due date away" : "set the due date to \(moment(value))"
        case .duplicateOf:
            isGone ? "said that it is no duplicate" : "linked it as a duplicate of #\(value.displayText)"
        }
    }

    private func labels(_ value: JSON) -> String {
        value.arrayValue?.compactMap(\.stringValue).joined(separator: ", ") ?? value.displayText
    }

    /// The step of a reference, in words: `/do/1/divide` is "Divide".
    private func step(_ data: JSON) -> String {
        ReadableName.title(data["reference"].displayText.split(separator: "/").last.map(String.init) ?? "")
    }

    /// Why the workflow was set aside; empty if the reader may not see it.
    private func setAside(_ error: JSON) -> HTML {
        guard let code = error["set_aside"].stringValue.flatMap(SetAsideReason.Code.init(rawValue:)) else {
            return .empty
        }
        return ": \(SetAsideReason(code, facts: error["facts"]).sentence)"
    }

    private func loss(_ data: JSON) -> HTML {
        guard let loss = data["because"].stringValue.flatMap(HolderLoss.init(rawValue:)) else { return .empty }
        let name = people.name(data["login"].displayText)
        return switch loss {
        case .right: ": <b>\(name)</b> may not have it any more"
        case .presence: ": <b>\(name)</b> is away"
        }
    }

    /// Why a try or an expression failed; empty if the reader may not see it.
    private func error(_ data: JSON) -> HTML { data["error"].stringValue.map { ": \($0)" } ?? .empty }

    /// The outcome; empty if there is none, as in some programs' answers.
    private func outcome(_ data: JSON) -> HTML {
        guard let label = data["label"].stringValue ?? data["outcome"].stringValue else { return .empty }
        return ": <b>\(label)</b>"
    }

    private func moment(_ value: JSON) -> HTML {
        guard let seconds = value.stringValue.flatMap({ TypedMoment($0, offset: { _ in 0 })?.seconds }) else {
            return "\(value.displayText)"
        }
        return times.until(seconds * 1000)
    }

    private func reason(_ data: JSON) -> HTML { data["reason"].stringValue.map { ": \($0)" } ?? .empty }

    /// The logins that an entry names.
    static func logins(_ entry: HistoryEntry) -> [String] {
        [entry.actor] + ["to", "by", "login", "for"].compactMap { entry.data[$0].stringValue }
    }
}

extension UncomputedKey.Key {
    /// What stands in the place of a value that the ticket's type could not compute.
    var words: String {
        switch self {
        case .title: "The title could not be computed, so the ticket has its form’s name"
        case .priority: "The priority could not be computed, so it is normal"
        }
    }
}
