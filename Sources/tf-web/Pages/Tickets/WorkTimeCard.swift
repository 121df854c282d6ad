import TFStore

/// How long the ticket waited and was worked on, as a bar, and who waited for what.
struct WorkTimeCard {
    let time: WorkTime
    let people: NamedPeople
    let times: Times
    /// The ticket's.
    let title: String
    /// Whether the ticket has ended, so that nothing is waited for any more.
    let isOver: Bool
    /// The address of the page with all of it, if this one leaves the list out; nil: it is there.
    let whole: String?

    private static let width: Int64 = 280

    var html: HTML {
        let total = time.waiting + time.working
        guard total > 0 else { return .empty }
        let words = "waiting \(Times.length(time.waiting)), working \(Times.length(time.working))"
        return """
            <section class="card stack" id=time><header><h2>\(isOver ? "Time it took" : "Time so far")</h2>\
            <span class="soft sm end">\(Times.length(total))</span></header>\
            <svg class=plot viewBox="0 0 280 14" role=img aria-label="\(Words.capitalized(words))">\(Self.parts(time.stretches).map(\.html))</svg>\
            <p class="row sm soft"><span>\(Elements.glyph(.wait)) Waiting \(Times.length(time.waiting))</span>\
            \(when(time.working > 0, "<span>\(Elements.glyph(.work)) Working \(Times.length(time.working))</span>"))</p>\(now)\(list)</section>
            """
    }

    /// A part of the bar, in its units from the left.
    struct Part: Hashable {
        let isWork: Bool
        let x: Int64
        let width: Int64

        fileprivate var html: HTML {
            "<rect class=\(isWork ? "work" : "wait") x=\(x) width=\(width) height=14 rx=2 />"
        }
    }

    /// The parts of the bar, in the order in which they are drawn. Work is seen however short it was, over the waits around
    /// it; a wait that has no room is left out.
    static func parts(_ stretches: [WorkTime.Stretch]) -> [Part] {
        let total = max(1, stretches.reduce(0) { $0 + $1.length })
        var passed: Int64 = 0
        let parts = stretches.compactMap { stretch -> Part? in
            let x = passed * width / total
            passed += stretch.length
            let room = passed * width / total - x - 1
            guard stretch.isWork || room > 0 else { return nil }
            return Part(isWork: stretch.isWork, x: min(x, width - 2), width: max(2, room))
        }
        return parts.filter { !$0.isWork } + parts.filter(\.isWork)
    }

    /// What is waited for at present, and since when.
    private var now: HTML {
        // What has just begun may be over by the time that it is read, and the top of the page says it.
        guard !isOver, let last = time.stretches.last, last.length >= 60_000 else { return .empty }
        return "<p class=sm>\(sentence(last, isNow: true)), \(times.since(last.from))</p>"
    }

    private var list: HTML {
        let past = isOver ? time.stretches[...] : time.stretches.dropLast()
        guard !past.isEmpty else { return .empty }
        if let whole { return "<a class=sm href=\"\(whole)\">Who waited for what</a>" }
        let items = past.map { stretch -> HTML in
            """
            <li class=fix>\(Elements.glyph(stretch.isWork ? .work : .wait))<span>\(sentence(stretch)): \
            \(Times.length(stretch.length)), <small>\(times.told(stretch.from))</small></span>
            """
        }
        return
            "<details><summary class=\"sm soft\">Who waited for what</summary><ul class=\"menu stack sm\">\(items)</ul></details>"
    }

    private func sentence(_ stretch: WorkTime.Stretch, isNow: Bool = false) -> HTML {
        let waits = isNow ? "waits" : "waited"
        guard let task = stretch.task.map({ Words.task($0, ofTicket: title) }) else {
            return "The workflow \(waits) for its next step"
        }
        guard let who = stretch.who else { return "\(task.subject) \(waits) for somebody to have it" }
        let name: HTML = "<b>\(people.name(who))</b>"
        return stretch.isWork
            ? "\(name) \(isNow ? "is working" : "worked") on \(task.object)" : "\(task.subject) \(waits) for \(name)"
    }
}
