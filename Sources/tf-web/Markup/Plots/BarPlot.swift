/// Horizontal bars with their labels and counts, the same scale for all.
struct BarPlot {
    struct Bar {
        let label: String
        let count: Int
        /// How much of the bar, at its beginning, is late.
        var late = 0
    }

    /// Where bars begin, behind short and behind long labels.
    private static let (left, wideLeft) = (108.0, 150.0)
    private static let step = 29.0

    let bars: [Bar]
    let look: HTML
    let label: String

    var html: HTML {
        let most = Double(max(bars.map(\.count).max() ?? 0, 1))
        let left = bars.contains { $0.label.count > 18 } ? Self.wideLeft : Self.left
        let room = Plot.width - left - 34
        let hasLate = bars.contains { $0.late > 0 }
        let top = hasLate ? 20.0 : 0
        let legend = when(hasLate, Plot.legend([("Late", Plot.box(Plot.tone(.fail))), ("Not late", Plot.box(look))]))
        let rows = bars.enumerated().map { index, bar -> HTML in
            let y = top + Double(index) * Self.step + 4
            let length = room * Double(bar.count) / most
            return """
                \(Plot.text(0, y + 12, Plot.short(bar.label, 25)))\(Plot.rect(left, y, length, 16, look))\
                \(when(bar.late > 0, Plot.rect(left, y, room * Double(bar.late) / most, 16, Plot.tone(.fail))))\
                \(Plot.text(left + length + 6, y + 12, String(bar.count), Plot.bold))
                """
        }
        return Plot.svg(height: max(150, top + Double(bars.count) * Self.step + 5), label: label, "\(legend)\(rows)")
    }
}
