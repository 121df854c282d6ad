/// A plot as SVG: lines over a logarithmic axis, and bars.
struct Plot {
    private static let width = 640
    private static let height = 280
    private static let left = 70
    private static let bottom = 40

    private var parts: [String] = []

    /// Adds a line of costs over counts.
    mutating func addLine(_ title: String, _ points: [(x: Int, y: Double)], unit: String, limit: Double?) {
        let top = max(points.map(\.y).max() ?? 1, limit ?? 0) * 1.15
        func x(_ index: Int) -> Int {
            Self.left + index * (Self.width - Self.left - 30) / max(1, points.count - 1)
        }
        func y(_ value: Double) -> Int { 40 + Int((1 - value / top) * Double(Self.height - 40 - Self.bottom)) }
        var drawing = [Self.heading(title)]
        if let limit {
            drawing.append(
                """
                <line x1="\(Self.left)" x2="\(Self.width - 20)" y1="\(y(limit))" y2="\(y(limit))" stroke="#b04a00" \
                stroke-dasharray="6 4"/><text x="\(Self.width - 20)" y="\(y(limit) - 6)" text-anchor="end" \
                fill="#b04a00">at most \(Self.short(limit)) \(unit)</text>
                """)
        }
        let path = points.enumerated().map { "\(x($0)),\(y($1.y))" }.joined(separator: " ")
        drawing.append("<polyline points=\"\(path)\" fill=\"none\" stroke=\"#1f5fa8\" stroke-width=\"2\"/>")
        for (index, point) in points.enumerated() {
            drawing.append(
                """
                <circle cx="\(x(index))" cy="\(y(point.y))" r="4" fill="#1f5fa8"/>\
                <text x="\(x(index))" y="\(y(point.y) - 10)" text-anchor="middle">\(Self.short(point.y))</text>\
                <text x="\(x(index))" y="\(Self.height - 12)" text-anchor="middle">\(point.x)</text>
                """)
        }
        add(drawing)
    }

    /// Adds bars, one in each row, with their figures.
    mutating func addBars(_ title: String, _ bars: [(name: String, value: Double)], unit: String) {
        let most = bars.map(\.value).max() ?? 1
        var drawing = [Self.heading(title)]
        for (row, bar) in bars.enumerated() {
            let y = 44 + row * 26
            let length = max(1, Int(bar.value / most * 330))
            drawing.append(
                """
                <text x="200" y="\(y + 14)" text-anchor="end">\(bar.name)</text>\
                <rect x="208" y="\(y)" width="\(length)" height="18" fill="#1f5fa8"/>\
                <text x="\(216 + length)" y="\(y + 14)">\(Self.short(bar.value)) \(unit)</text>
                """)
        }
        add(drawing)
    }

    private mutating func add(_ drawing: [String]) {
        let y = parts.count * (Self.height + 20)
        parts.append("<g transform=\"translate(0 \(y))\">\(drawing.joined())</g>")
    }

    var svg: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="\(Self.width)" height="\(parts.count * (Self.height + 20))" \
        font-family="sans-serif" font-size="13" fill="#222"><rect width="100%" height="100%" fill="#fff"/>\
        \(parts.joined())</svg>
        """
    }

    private static func heading(_ title: String) -> String {
        "<text x=\"16\" y=\"24\" font-size=\"15\" font-weight=\"bold\">\(title)</text>"
    }

    private static func short(_ value: Double) -> String {
        value >= 100 ? String(Int(value.rounded())) : String((value * 10).rounded() / 10)
    }
}
