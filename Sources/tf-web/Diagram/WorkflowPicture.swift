import TFDefinition

/// A workflow as SVG: a layout, filled with labels and states. The stylesheet colours it by classes.
struct WorkflowPicture {
    let graph: WorkflowGraph
    let drawing: DiagramLayout.Drawing
    let direction: DiagramLayout.Direction
    /// The room of a wide screen, in pixels.
    let room: Double
    /// What is drawn, for those who do not see it.
    let title: String
    let states: [String: StepView]
    let walked: Set<WorkflowGraph.Edge>

    var html: HTML {
        let (width, height) = (drawing.width, drawing.height)
        let scale = scale
        return """
            \(overview)<div class=box tabindex=0 role=region aria-label="Diagram: \(title)">\
            <svg class=flow viewBox="0 0 \(width) \(height)" width=\(Int(Double(width) * scale)) \
            height=\(Int(Double(height) * scale)) role=group \
            aria-label="\(title), step by step">\(icons)\
            \(lines)\(zip(graph.nodes, drawing.places).map(node))\
            \(zip(graph.edges, drawing.ways).map(label))</svg></div>
            """
    }

    /// The smallest text of a drawing, in pixels, and the size below which it could not be read.
    private static let (text, legible) = (12.0, 11.0)
    /// How wide a drawing may be that a telephone shows without scrolling, and how many times wider one that it shows
    /// as a whole at first.
    private static let (phone, modest) = (330.0, 1.6)

    /// A drawing that is a little too wide for its place is made smaller, as long as it can be read.
    private var scale: Double { max(Self.legible / Self.text, min(1, room / Double(drawing.width))) }

    /// The width at which it can be read, in pixels.
    private var width: Double { Double(drawing.width) * scale }

    /// Whether it can be read as a whole on a wide screen.
    var fits: Bool { width <= room }

    /// Shows a drawing as a whole, however small that makes it, or else in a box in which it scrolls: on a telephone at
    /// first the latter, if little of it would be read; where no screen is wide enough, at first the former.
    private var overview: HTML {
        guard width > Self.phone else { return .empty }
        let isWhole = !fits || width <= Self.phone * Self.modest
        return """
            <label class="btn small\(when(fits, " whole"))"><input type=checkbox\(when(isWhole, " checked"))> Whole picture</label>
            """
    }

    // MARK: Edges

    /// The edges, those that look alike in one path.
    private var lines: HTML {
        let ways = Dictionary(grouping: zip(graph.edges, drawing.ways), by: { tone($0.0) }).mapValues { edges in
            edges.map(\.1.path).joined()
        }
        // The path that was taken lies above the others.
        let paths = [Tone.off, .idle, .done].compactMap { tone in
            ways[tone].map { path -> HTML in
                let kind = tone == .idle ? "e" : "e \(tone.rawValue)"
                return "<path class=\(HTML.value(kind)) d=\"\(path)\"/>"
            }
        }
        return "\(paths)"
    }

    /// Taken, left aside for good, or open.
    private func tone(_ edge: WorkflowGraph.Edge) -> Tone {
        if walked.contains(edge) { return .done }
        let isDecided = states[edge.from].map { [.done, .off, .skip].contains($0.tone) } == true
        return isDecided || states[edge.to]?.tone == .off ? .off : .idle
    }

    private func label(_ edge: WorkflowGraph.Edge, _ way: DiagramLayout.Way) -> HTML {
        guard !edge.label.isEmpty, let place = way.label else { return .empty }
        return "<text class=el x=\(place.x) y=\(place.y + 4)>\(edge.shownLabel)</text>"
    }

    // MARK: Nodes

    /// The room left of a shape's words, with its icon, and right of them; and from line to line, in pixels.
    private static let (left, right, pitch) = (36, 7, 16)
    /// The sizes of the style sheet; a line that is not bold is as wide as a bold one that is smaller by a tenth.
    private static let (labelSize, belowSize) = (13.0, 12 * 0.9)

    private func node(_ node: WorkflowGraph.Node, _ place: DiagramLayout.Point) -> HTML {
        let view = states[node.id]
        let content: HTML =
            switch node.kind {
            case .start: "\(circle(node, place))\(icon(node, place.x - 8, place.y - 8))"
            case .decision: "\(diamond(node, place))"
            case .fork: "\(box(node, place, view))"
            case .end, .ending, .person, .program, .message, .change, .wait:
                "\(box(node, place, view))\(words(node, place))"
            }
        let tone = view?.tone ?? .idle
        let isNow = tone == .work || tone == .wait || tone == .fail
        let kind: HTML = "n \(tone.rawValue)\(when(isNow && view?.isFigure != true, " now"))"
        guard let link = view?.link else { return #"<g class="\#(kind)">\#(content)</g>\#(badges(view, node, place))"# }
        let label: HTML? = whole(node).map { text -> HTML in #" aria-label="\#(text)""# }
        return "<a class=\"\(kind)\" href=\(HTML.value(link))\(label)>\(content)</a>\(badges(view, node, place))"
    }

    /// The state, or figures; where nothing is known of a ticket, the condition.
    private func second(_ node: WorkflowGraph.Node) -> String {
        guard node.kind != .end, node.kind != .ending else { return "" }
        return (states.isEmpty ? node.onlyIf : states[node.id]?.line) ?? ""
    }

    /// The border of a step that is not begun; where no ticket is shown, of one that is not always taken.
    private func border(_ node: WorkflowGraph.Node) -> HTML {
        let isDashed: Bool
        if let view = states[node.id], !view.isFigure {
            isDashed = view.tone == .idle
        } else {
            isDashed = node.isConditional
        }
        return when(isDashed, " stroke-dasharray=5")
    }

    private func circle(_ node: WorkflowGraph.Node, _ place: DiagramLayout.Point) -> HTML {
        "<circle cx=\(place.x) cy=\(place.y) r=16\(border(node)) />"
    }

    private func diamond(_ node: WorkflowGraph.Node, _ place: DiagramLayout.Point) -> HTML {
        """
        <path d="M\(place.x) \(place.y - 17)l17 17-17 17-17-17z"\(border(node)) /><title>\(node.label)</title>
        """
    }

    private func box(_ node: WorkflowGraph.Node, _ place: DiagramLayout.Point, _ view: StepView?) -> HTML {
        let (width, height) = node.kind.size(direction)
        let (x, y) = (place.x - width / 2, place.y - height / 2)
        if view?.tone == .fail, node.kind.lines > 2 {
            // What failed has cut corners.
            let (across, down) = (width - 18, height - 18)
            return #"<path d="M\#(x + 9) \#(y)h\#(across)l9 9v\#(down)l-9 9h-\#(across)l-9-9v-\#(down)z"/>"#
        }
        let radius =
            switch node.kind {
            case .end, .ending: 18
            case .fork: 3
            case .start, .person, .program, .message, .change, .wait, .decision: 10
            }
        return "<rect x=\(x) y=\(y) width=\(width) height=\(height) rx=\(radius)\(border(node)) />"
    }

    /// The icons of the picture, each once.
    private var icons: HTML {
        let kinds = Set(graph.nodes.map(\.kind)).sorted { $0.rawValue < $1.rawValue }
        let paths = kinds.map { kind -> HTML in
            kind.icon.map { icon -> HTML in "<path id=i-\(kind.rawValue) d=\"\(icon)\"/>" } ?? .empty
        }
        return "<defs>\(paths)</defs>"
    }

    private func icon(_ node: WorkflowGraph.Node, _ x: Int, _ y: Int) -> HTML {
        guard node.kind.icon != nil else { return .empty }
        return "<use href=#i-\(node.kind.rawValue) x=\(x) y=\(y) />"
    }

    /// What stands in a shape: the lines of its label, and those below it.
    private func written(_ node: WorkflowGraph.Node) -> (label: [String], below: [String]) {
        let second = second(node)
        let room = Double(node.kind.size(direction).width - Self.left - Self.right)
        let label = ShownText.lines(
            node.label, room, size: Self.labelSize, limit: node.kind.lines - (second.isEmpty ? 0 : 1))
        guard !second.isEmpty else { return (label, []) }
        return (label, ShownText.lines(second, room, size: Self.belowSize, limit: node.kind.lines - label.count))
    }

    /// All that is to be written in a shape, if it is cut off in the picture.
    private func whole(_ node: WorkflowGraph.Node) -> String? {
        let (second, (label, below)) = (second(node), written(node))
        guard [(label, node.label), (below, second)].contains(where: { ShownText.isCut($0, of: $1) }) else {
            return nil
        }
        return second.isEmpty ? node.label : "\(node.label): \(second)"
    }

    private func words(_ node: WorkflowGraph.Node, _ place: DiagramLayout.Point) -> HTML {
        let (label, below) = written(node)
        let corner = place.x - node.kind.size(direction).width / 2
        let lines = label + below
        let first = place.y + 5 - (lines.count - 1) * Self.pitch / 2
        let shown = lines.enumerated().map { index, line -> HTML in
            let kind: HTML = when(index >= label.count, " class=t2")
            // The lines of a label are read aloud as one.
            let gap = index < label.count - 1 ? " " : ""
            return "<text\(kind) x=\(corner + Self.left) y=\(first + index * Self.pitch)>\(line)\(gap)</text>"
        }
        return """
            \(icon(node, corner + 12, place.y - 8))\(shown)\(whole(node).map { text -> HTML in "<title>\(text)</title>" })
            """
    }

    /// Live figures, from the upper right corner to the left; each a link of its own.
    private func badges(_ view: StepView?, _ node: WorkflowGraph.Node, _ place: DiagramLayout.Point) -> HTML {
        guard let view, !view.badges.isEmpty else { return .empty }
        let (width, height) = node.kind.size(direction)
        var right = place.x + width / 2 + 6
        let pills = view.badges.map { badge -> HTML in
            let length = Int(ShownText.width(badge.text, size: 12)) + 16
            right -= length + 4
            let (x, y) = (right + 4, place.y - height / 2 - 10)
            let pill: HTML = """
                <rect class="badge" x="\(x)" y="\(y)" width="\(length)" height="20" rx="10"/>\
                <text x="\(x + length / 2)" y="\(y + 14)">\(badge.text)</text>
                """
            guard let link = badge.link else { return "<g>\(pill)</g>" }
            return #"<a href="\#(link)" aria-label="\#(badge.label)">\#(pill)</a>"#
        }
        return "\(pills)"
    }
}
