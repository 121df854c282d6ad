/// Bars of equal length that show how something is divided.
struct SharePlot {
    struct Line {
        let label: String
        /// One value for each part.
        let values: [Int64]
    }

    private static let left = 150.0
    private static let step = 26.0

    let lines: [Line]
    /// The name and look of each part.
    let parts: [(name: String, look: HTML)]
    let label: String

    var html: HTML {
        let rows = lines.enumerated().map { row($1, at: Double($0) * Self.step + 24) }
        let legend = Plot.legend(parts.map { ($0.name, Plot.box($0.look)) })
        return Plot.svg(
            height: max(150, Double(lines.count) * Self.step + 26), label: label, "\(legend)\(rows)")
    }

    private func row(_ line: Line, at y: Double) -> HTML {
        let total = Double(max(line.values.reduce(0, +), 1))
        var x = Self.left
        let bars = zip(line.values, parts).map { value, part -> HTML in
            let length = (Plot.width - Self.left) * Double(value) / total
            defer { x += length }
            return length < 0.5 ? .empty : Plot.rect(x, y, max(0.5, length - 1), 16, part.look)
        }
        return "\(Plot.text(0, y + 12, Plot.short(line.label, 25)))\(bars)"
    }
}
