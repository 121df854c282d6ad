/// When something happens in the week: a field for each day and each two hours, the stronger the more.
struct HourPlot {
    static let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

    /// By day, from Monday, and by stretch of two hours.
    let counts: [[Int]]
    let label: String

    var html: HTML {
        let end = max(counts.flatMap { $0 }.max() ?? 0, 1)
        let most = Double(end)
        let rows = counts.enumerated().map { day, hours -> HTML in
            let y = Double(day) * 18
            let fields = hours.enumerated().map { index, count -> HTML in
                Plot.rect(34 + Double(index) * 25.4, y, 23, 15, look(Double(count) / most))
            }
            return "\(Plot.text(0, y + 12, Self.days[day]))\(fields)"
        }
        let hours = stride(from: 0, to: 24, by: 4).map { hour -> HTML in
            Plot.text(34 + Double(hour) / 2 * 25.4, 144, hour < 10 ? "0\(hour)" : "\(hour)")
        }
        return Plot.svg(height: 172, label: label, "\(rows)\(hours)\(scale(to: end))")
    }

    /// The looks from none to the most.
    private func scale(to end: Int) -> HTML {
        let samples = [0, 0.1, 0.3, 0.6, 1].enumerated().map { index, share in
            Plot.rect(200 + Double(index) * 25.4, 154, 23, 15, look(share))
        }
        return "\(Plot.text(192, 166, "None in two hours", Plot.atEnd))\(samples)\(Plot.text(331, 166, "\(end)"))"
    }

    private func look(_ share: Double) -> HTML {
        switch share {
        case 0: #" class="track""#
        case ..<0.25: #" opacity=".2""#
        case ..<0.5: #" opacity=".42""#
        case ..<0.75: #" opacity=".68""#
        default: .empty
        }
    }
}
