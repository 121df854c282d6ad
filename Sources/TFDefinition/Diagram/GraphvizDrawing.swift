import TFExpression

/// One graph of Graphviz' output, whose y grows upwards.
struct GraphvizDrawing {
    private typealias Place = (x: Double, y: Double)

    private let size: Place
    private var places: [String: Place] = [:]
    /// By the number of the edge: its points, and the middle of its label.
    private var ways: [Int: (points: [Place], label: Place?)] = [:]
    private let margin: Double

    init?(_ json: JSON, margin: Double) {
        let box = Self.numbers(json["bb"].stringValue ?? "")
        guard box.count == 4 else { return nil }
        size = (box[2], box[3])
        self.margin = margin
        for node in json["objects"].arrayValue ?? [] {
            guard let name = node["name"].stringValue, let place = Self.place(node["pos"].stringValue) else { continue }
            places[name] = place
        }
        for edge in json["edges"].arrayValue ?? [] {
            guard let number = edge["way"].stringValue.flatMap({ Int($0) }) else { continue }
            let points = (edge["pos"].stringValue ?? "").split(separator: " ").compactMap { Self.place(String($0)) }
            // A Bézier spline: a start, and three points for each piece.
            guard points.count >= 4, points.count % 3 == 1 else { continue }
            ways[number] = (points, Self.place(edge["lp"].stringValue))
        }
    }

    /// - Returns: nil unless each node and each edge has its place.
    func drawing(of graph: WorkflowGraph) -> DiagramLayout.Drawing? {
        let points = graph.nodes.compactMap { places[$0.id].map(shown) }
        let lines = graph.edges.indices.compactMap { ways[$0].map(way) }
        guard points.count == graph.nodes.count, lines.count == graph.edges.count else { return nil }
        return DiagramLayout.Drawing(
            width: Int((size.x + 2 * margin).rounded()), height: Int((size.y + 2 * margin).rounded()), places: points,
            ways: lines)
    }

    private func shown(_ place: Place) -> DiagramLayout.Point {
        DiagramLayout.Point(x: Int((place.x + margin).rounded()), y: Int((size.y - place.y + margin).rounded()))
    }

    private func way(_ points: [Place], _ label: Place?) -> DiagramLayout.Way {
        let shown = points.map { place -> Place in (place.x + margin, size.y - place.y + margin) }
        let curve = shown.dropFirst().map { Self.text($0) }.joined(separator: " ")
        let path = "M\(Self.text(shown[0]))C\(curve)" + Self.arrow(shown)
        return DiagramLayout.Way(path: path, label: label.map(self.shown))
    }

    /// An open arrow at the end of the line.
    private static func arrow(_ points: [Place]) -> String {
        guard let tip = points.last, let before = points.dropLast().last(where: { $0 != tip }) else { return "" }
        let (dx, dy) = (tip.x - before.x, tip.y - before.y)
        let length = (dx * dx + dy * dy).squareRoot()
        let (x, y) = (dx / length, dy / length)
        let base: Place = (tip.x - 8 * x, tip.y - 8 * y)
        let (left, right): (Place, Place) = (
            (base.x - 4.5 * y, base.y + 4.5 * x), (base.x + 4.5 * y, base.y - 4.5 * x)
        )
        return "M\(text(left))L\(text(tip)) \(text(right))"
    }

    private static func text(_ place: Place) -> String { "\(text(place.x)) \(text(place.y))" }

    /// In whole pixels: nobody sees less, and every page with the picture carries it.
    private static func text(_ number: Double) -> String { String(Int(number.rounded())) }

    private static func place(_ text: String?) -> Place? {
        let parts = numbers(text ?? "")
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }

    private static func numbers(_ text: String) -> [Double] {
        text.split(separator: ",").compactMap { Double($0) }.filter { $0.isFinite && abs($0) < 1_000_000 }
    }
}
