import TFDefinition
import TFStore

/// The form for a worker's availability: away now or later, and what becomes of their tasks, with the numbers.
struct AvailabilityForm {
    let worker: WorkerLoad
    let company: Company
    let typed: TypedInput
    let tags: FormTags
    /// Whether the visitor is the worker.
    var isOwn = true

    private var action: String {
        isOwn
            ? "/c/\(company.slug)/my/availability"
            : "/c/\(company.slug)/availability/\(worker.login)"
    }
    private var errors: [FieldError] { typed.errors }
    private var who: String { isOwn ? "You" : worker.name }

    var html: HTML {
        """
        <section class="card stack" id="absence">\(when(isOwn, "<h2>\(worker.isAvailable ? "Plan an absence" : "Your absence")</h2>"))<p><b>\(who) \(isOwn ? "are" : "is") \(worker.isAvailable ? "available" : "away")\
        </b>\(worker.isAvailable ? " and \(get) new tasks" : " and \(get) no new tasks")\(planned).\(setter)</p>\(cancellation)\
        \(worker.isAvailable ? leaving : returning)</section>
        """
    }

    private var get: String { isOwn ? "get" : "gets" }

    private var planned: HTML {
        let times = Times(company, now: 0)
        if let absence { return "; \(isOwn ? "you" : "they") \(absence.words(times))" }
        let end: HTML? = worker.presence.changesAtMs.map { "; this ends on \(times.moment($0))" }
        return end ?? .empty
    }

    private var setter: HTML {
        let isSet = absence != nil || !worker.isAvailable
        return when(isSet, PlannedAbsence.setter(worker.presence))
    }

    private var absence: PlannedAbsence? { PlannedAbsence(worker.presence) }

    private var cancellation: HTML {
        absence?.cancellation(at: action, tags: tags) ?? .empty
    }

    private var returning: HTML {
        """
        <form method="post" action="\(action)">\(tags.hidden())\(worker.presence.field)<input type="hidden" name="available" value="true">\
        <button class="primary">\(isOwn ? "I am back" : "Set available")</button></form>\
        <form method="post" action="\(action)" novalidate>\(tags.hidden())\(worker.presence.field)\
        <input type="hidden" name="available" value="false">\
        <input type="hidden" name="handover" value="\(AbsenceHandover.keep.rawValue)">\
        \(until(now: worker.presence.changesAtMs))<p class="field"><button>Change the return</button></p></form>
        """
    }

    private var leaving: HTML {
        """
        <form method="post" action="\(action)" novalidate>\(tags.hidden())\(worker.presence.field)\
        <input type="hidden" name="available" value="false">\
        \(moment("from", "From", "\(zone) Empty: from now on.", now: worker.presence.changesAtMs))\
        \(until(now: worker.presence.changesBackAtMs))\
        \(handover)<p class="field"><button class="primary">\(isOwn ? "Set me away" : "Set away")</button></p></form>
        """
    }

    private func until(now: Int64?) -> HTML {
        moment(
            "until", "Until",
            "\(zone) Then \(who.lowercasedIfPronoun) \(get) tasks again. Empty: until somebody says so.",
            now: now)
    }

    private var zone: String { "In \(company.timeInWords)." }

    /// - Parameter now: what is planned now.
    private func moment(_ name: String, _ label: String, _ hint: HTML, now: Int64?) -> HTML {
        let planned = now.flatMap { TypedMoment(secondsSince1970: $0 / 1000)?.local(offset: company.offset) }
        let value = typed.form[name] ?? planned
        return Elements.field(name, label: label, hint: hint, isOptional: true, errors: errors) { attributes in
            #"<input type="datetime-local" name="\#(name)" value="\#(value)"\#(attributes)>"#
        }
    }

    // MARK: What becomes of the tasks

    private var handover: HTML {
        let choices: [(AbsenceHandover, String, String)] = [
            (.notStarted, "Hand over what is not started", notStarted), (.keep, "Keep all", keep),
            (.all, "Hand over all", all),
        ]
        let planned = absence == nil ? nil : worker.presence.handover
        let chosen = typed.form["handover"].flatMap(AbsenceHandover.init(rawValue:)) ?? planned ?? .notStarted
        let picks = choices.map { handover, label, consequence -> HTML in
            """
            <label class="pick"><input type="radio" name="handover" value="\(handover.rawValue)"\
            \(when(handover == chosen, " checked"))><span>\(label)<br><small>\(consequence)</small></span></label>
            """
        }
        return #"<fieldset class="field"><legend>Open tasks</legend>\#(picks)</fieldset>"#
    }

    private var notStarted: String {
        let leave = worker.givable.leaving(.notStarted)
        let stay = whole - leave
        guard leave > 0 else {
            return whole == 0
                ? "There is none." : "None leaves; \(Words.count(stay, "task")) stay\(stay == 1 ? "s" : "")."
        }
        let reasons = [
            worker.started > 0 ? "begun" : nil, worker.held > 0 ? "on hold" : nil,
            worker.open - worker.started > leave ? meant : nil,
        ].compactMap(\.self).joined(separator: " or ")
        let staying = stay == 0 ? "" : "; \(stay) stay\(stay == 1 ? "s" : ""), \(reasons)"
        return "Hands over \(Words.count(leave, "task")) not started\(staying)."
    }

    /// All that they have.
    private var whole: Int { worker.open + worker.held }

    /// Why a task stays with them whatever is chosen.
    private var meant: String { "meant for \(isOwn ? "you" : "them")" }

    private var keep: String {
        whole == 0 ? "There is none." : "\(Words.count(whole, "task")) wait\(whole == 1 ? "s" : "")."
    }

    private var all: String {
        guard whole > 0 else { return "There is none." }
        let givable = worker.givable
        let leave = givable.leaving(.all)
        let stay = whole - leave
        let staying = "\(stay) stay\(stay == 1 ? "s" : ""), \(meant)."
        guard leave > 0 else { return "None leaves; \(staying)" }
        let more = [
            givable.started > 0 ? "\(givable.started) that \(givable.started == 1 ? "is" : "are") begun" : nil,
            givable.held > 0 ? "\(givable.held) on hold, whose hold ends" : nil,
        ].compactMap(\.self).joined(separator: " and ")
        let also = more.isEmpty ? "" : ", also \(more)"
        return "Hands over \(Words.count(leave, "task"))\(also)\(stay == 0 ? "." : "; \(staying)")"
    }
}

extension String {
    /// «You» inside a sentence is «you»; a name stays as it is.
    fileprivate var lowercasedIfPronoun: String { self == "You" ? "you" : self }
}
