/// A small line of counts over time, without axes.
struct Sparkline {
    private static let height = 17.0

    let values: [Int]
    /// What the values are, before they are listed: «Done on each of the last 14 days».
    let label: String

    var html: HTML {
        let most = Double(max(values.max() ?? 0, 1))
        let step = 78 / Double(max(values.count - 1, 1))
        let points = values.enumerated().map { index, value in
            "\(Plot.number(Double(index) * step)),\(Plot.number(Self.height - 14 * Double(value) / most))"
        }
        return """
            <svg viewBox="-2 0 84 20" width=84 height=20 role=img \
            aria-label="\(label): \(values.map(String.init).joined(separator: ", "))">\
            <polyline class=ic points="\(points.joined(separator: " "))"/></svg>
            """
    }
}
