import TFExpression

/// Where the nodes and edges of a workflow's diagram are, in pixels, as Graphviz placed them.
package struct DiagramLayout: Sendable, Hashable {
    /// From top to bottom, as a ticket's column has room for it, or from left to right.
    package enum Direction: String, Sendable, Hashable, CaseIterable {
        case down
        case right
    }

    /// A place, from the drawing's upper left corner.
    package struct Point: Sendable, Hashable {
        package let x: Int
        package let y: Int
    }

    /// The line of an edge, with its arrow.
    package struct Way: Sendable, Hashable {
        /// As the attribute `d` of an SVG path.
        package let path: String
        /// The middle of its label; nil: it has none.
        package let label: Point?
    }

    /// The diagram in one direction, with its size.
    package struct Drawing: Sendable, Hashable {
        package let width: Int
        package let height: Int
        /// The middles of the nodes, in the order of the graph.
        package let places: [Point]
        /// The edges, in the order of the graph.
        package let ways: [Way]
    }

    private let drawings: [Direction: Drawing]

    package subscript(_ direction: Direction) -> Drawing? { drawings[direction] }

    /// Whether it is a layout of this graph.
    package func fits(_ graph: WorkflowGraph) -> Bool {
        drawings.values.allSatisfy { $0.places.count == graph.nodes.count && $0.ways.count == graph.edges.count }
    }

    // MARK: As it is stored

    package var text: String {
        JSON.object(JSONObject(drawings.map { ($0.rawValue, Self.json($1)) }, uniquingKeysWith: { $1 })).text
    }

    /// - Returns: nil for a text that is no layout.
    package init?(_ text: String) {
        guard let json = try? JSON(parsing: text) else { return nil }  // then it is no layout
        var drawings: [Direction: Drawing] = [:]
        for direction in Direction.allCases {
            guard let drawing = Self.drawing(json[direction.rawValue]) else { return nil }
            drawings[direction] = drawing
        }
        self.drawings = drawings
    }

    private static func json(_ drawing: Drawing) -> JSON {
        [
            "size": [.int(drawing.width), .int(drawing.height)],
            "places": .array(drawing.places.map { [.int($0.x), .int($0.y)] }),
            "ways": .array(
                drawing.ways.map { way in
                    .array([.string(way.path)] + (way.label.map { [.int($0.x), .int($0.y)] } ?? []))
                }),
        ]
    }

    private static func drawing(_ json: JSON) -> Drawing? {
        guard let size = json["size"].arrayValue?.compactMap(\.intValue), size.count == 2,
            let places = json["places"].arrayValue?.compactMap({ point($0.arrayValue ?? []) }),
            let ways = json["ways"].arrayValue
        else { return nil }
        return Drawing(
            width: size[0], height: size[1], places: places,
            ways: ways.map { way in
                let parts = way.arrayValue ?? []
                return Way(path: parts.first?.stringValue ?? "", label: point(parts.dropFirst()))
            })
    }

    private static func point(_ numbers: some Sequence<JSON>) -> Point? {
        let numbers = numbers.compactMap(\.intValue)
        return numbers.count == 2 ? Point(x: numbers[0], y: numbers[1]) : nil
    }

    // MARK: As Graphviz writes it

    /// Room around the drawing, for figures at the corners of nodes.
    private static let margin = 12.0

    /// Reads Graphviz' output in the format `json0` for `DotSource`.
    /// - Returns: nil if it does not place all nodes and edges.
    package init?(graphviz output: String, of graph: WorkflowGraph) {
        // One JSON object after the other: only the outermost brackets stand at the beginning of a line.
        let objects = output.split(separator: "\n", omittingEmptySubsequences: true).reduce(into: [String]()) {
            objects, line in
            if line == "{" { objects.append("") }
            guard !objects.isEmpty else { return }
            objects[objects.count - 1] += line + "\n"
        }
        var drawings: [Direction: Drawing] = [:]
        for object in objects {
            guard let json = try? JSON(parsing: object),  // then the direction is missing below
                let direction = json["name"].stringValue.flatMap(Direction.init(rawValue:))
            else { continue }
            drawings[direction] = GraphvizDrawing(json, margin: Self.margin)?.drawing(of: graph)
        }
        guard drawings.count == Direction.allCases.count else { return nil }
        self.drawings = drawings
    }
}
