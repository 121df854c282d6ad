/// What came in above a line and what went out below it, side by side over time.
struct FlowPlot {
    /// One stretch of time, such as a day.
    struct Stretch {
        let label: String
        let opened: Int
        let closed: Int
    }

    private static let middle = 65.5
    private static let most = 46.0

    let stretches: [Stretch]
    let label: String

    var html: HTML {
        let end = max(stretches.map { max($0.opened, $0.closed) }.max() ?? 0, 1)
        let scale = Self.most / Double(end)
        let step = Plot.width / Double(max(stretches.count, 1))
        let width = max(1, min(step - 3, 24))
        let bars = stretches.enumerated().map { index, stretch -> HTML in
            let x = Double(index) * step
            let (up, down) = (Double(stretch.opened) * scale, Double(stretch.closed) * scale)
            return """
                \(when(up > 0, Plot.rect(x, Self.middle - 1.5 - up, width, up)))\
                \(when(down > 0, Plot.rect(x, Self.middle + 1.5, width, down, Plot.tone(.done))))
                """
        }
        return Plot.svg(
            height: 150, label: label,
            """
            <path class="e off" d="M0 65.5H340M0 18H340"/>\(bars)\(dates)\(Plot.text(Plot.width, 14, "\(end)", Plot.atEnd))\
            \(Plot.text(0, 10, "Opened", Plot.bold))\(Plot.text(0, 128, "Closed", Plot.bold))
            """)
    }

    private var dates: HTML {
        guard let first = stretches.first, let last = stretches.last, stretches.count > 2 else { return .empty }
        let middle = stretches[stretches.count / 2]
        return """
            \(Plot.text(0, 145, first.label))\(Plot.text(Plot.width / 2, 145, middle.label, Plot.middle))\
            \(Plot.text(Plot.width, 145, last.label, Plot.atEnd))
            """
    }
}
