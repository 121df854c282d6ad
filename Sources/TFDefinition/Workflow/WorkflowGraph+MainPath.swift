/// The way of a workflow on which nothing goes wrong.
extension WorkflowGraph {
    /// The steps for people, programs and clocks that come where nothing goes wrong: at each decision the first case, and
    /// no error. In the order of the text.
    package func mainPath(from starts: [String]) -> [Node] { mainNodes(from: starts).filter(\.kind.isAwaited) }

    /// How it ends if nothing goes wrong; nil: no step says so.
    package func mainEnding(from starts: [String]) -> Node? { mainNodes(from: starts).first { $0.kind == .ending } }

    private func mainNodes(from starts: [String]) -> [Node] {
        let leaving = Dictionary(grouping: edges, by: \.from)
        let kinds = Dictionary(nodes.map { ($0.id, $0.kind) }, uniquingKeysWith: { first, _ in first })
        var found: Set<String> = []
        var left = starts
        while let id = left.popLast() {
            let ways = (leaving[id] ?? []).filter { !$0.isOnError && $0.label != "in the background" }
            let isChoice = kinds[id] != .fork && !ways.contains { $0.label == "each" }
            for way in isChoice ? Array(ways.prefix(1)) : ways where found.insert(way.to).inserted {
                left.append(way.to)
            }
        }
        return nodes.filter { found.contains($0.id) }
    }
}
