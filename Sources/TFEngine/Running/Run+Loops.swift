import TFDefinition
import TFExpression

/// `for`.
extension Run {
    func elements(_ loop: ForLoop, _ input: JSON, _ place: Place) throws(WorkflowError) -> [JSON] {
        let value = try value(loop.elements, of: input, place.at("in"))
        guard let elements = value.arrayValue else {
            throw .runtime("\"in\" gave \(value.typeName), not a list", at: place.reference)
        }
        return elements
    }

    /// The next element, or the end of the loop.
    mutating func nextRound(_ branch: Int) throws(WorkflowError) {
        let here = position(branch)
        let top = state.branches[here].frames.count - 1
        guard case .loop(let elements, let last, let row) = state.branches[here].frames[top].kind,
            let loop = loop(branch, below: top)
        else { return }
        let round = last + 1
        guard elements.indices.contains(round) else {
            return close(branch, output: state.branches[here].frames[top].data)
        }
        state.branches[here].frames[top].kind = .loop(elements: elements, round: round, row: row)
        // A list comes to its end, so that its rounds are no going round. What goes round in one of them never gets
        // here, and what goes round outside counts the `for` itself, and its last round.
        state.row.steps = min(state.row.steps, row)
        state.branches[here].frames[top].variables = [loop.each: elements[round], loop.at: .int(round)]
        state.branches[here].frames[top].index = 0
        state.branches[here].frames[top].laps = 0
        guard let condition = loop.condition else { return }
        let frame = state.branches[here].frames[top]
        let owner = state.branches[here].frames[top - 1]
        let place = Place(
            reference: reference(in: owner), step: nil, variables: variables(branch),
            input: frame.owner?.input ?? .null)
        if try !evaluate(condition, frame.data, place.at("while")).isTruthy { close(branch, output: frame.data) }
    }

    private func loop(_ branch: Int, below top: Int) -> ForLoop? {
        let frame = state.branches[position(branch)].frames[top - 1]
        guard case .for(let loop) = step(of: frame)?.kind else { return nil }
        return loop
    }
}
