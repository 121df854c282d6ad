/// A bar of several parts, side by side, against a scale that all bars of a list share.
struct Gauge {
    struct Part {
        let count: Int
        let look: HTML
        /// What is counted, after the number; nil: the number stands beside the bar.
        let word: String?
    }

    /// In pixels.
    private static let width = 160.0

    let parts: [Part]
    /// What a full bar is.
    let end: Int

    /// Tasks that somebody has begun, has yet to begin, and has put off.
    static func tasks(started: Int, notStarted: Int, held: Int, end: Int) -> Gauge {
        Gauge(
            parts: [
                Part(count: started, look: Plot.tone(.work), word: "started"),
                Part(count: notStarted, look: Plot.faint, word: "not started"),
                Part(count: held, look: Plot.tone(.wait), word: "on hold"),
            ], end: end)
    }

    /// The samples that explain the parts of `tasks`; what a full bar is tells `axis`.
    static var legend: HTML {
        let samples = tasks(started: 1, notStarted: 1, held: 1, end: 1).parts.map { part -> HTML in
            let word = Words.capitalized(part.word ?? "")
            return """
                <span><svg class="plot" width="10" height="10" aria-hidden="true">\
                <rect\(part.look) width="10" height="10" rx="2"/></svg> \(word)</span>
                """
        }
        return #"<p class="row sm soft">\#(samples)</p>"#
    }

    /// The scale of the bars below it, for the head of their column; the bars themselves have their figures as text.
    static func axis(end: Int) -> HTML {
        let numbers = [
            Plot.text(0, 10, "0"), Plot.text(width / 2, 10, "\(end / 2)", Plot.middle),
            Plot.text(width, 10, "\(end)", Plot.atEnd),
        ]
        let marks = [0, width / 2 - 0.5, width - 1].map { Plot.rect($0, 12, 1, 4, Plot.faint) }
        return """
            <svg class=plot width=160 height=16 aria-hidden=true>\(numbers)\(marks)</svg>
            """
    }

    var html: HTML {
        var x = 0.0
        var bars: HTML = .empty
        for part in parts where part.count > 0 {
            let length = max(2, Self.width * Double(part.count) / Double(end))
            bars += Plot.rect(x, 0, max(1, min(length, Self.width - x) - 1), 10, part.look)
            x += length
        }
        let label = parts.compactMap { part in part.word.map { "\(part.count) \($0)" } }.joined(separator: ", ")
        let meaning: HTML = label.isEmpty ? "aria-hidden=true" : #"role=img aria-label="\#(label)""#
        return """
            <svg class=plot viewBox="0 0 160 10" width=160 height=10 \(meaning)>\
            <rect class=track width=160 height=10 rx=2 />\(bars)</svg>
            """
    }
}
