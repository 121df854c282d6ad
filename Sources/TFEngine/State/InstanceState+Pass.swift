import TFExpression

/// Which pass of a step it is, counted so that the tries of a `try` are one pass.
extension InstanceState {
    /// What tells the pass of a step that waits for an answer from every other pass of any step of the instance. It stays
    /// the same through a crash, and when a `retry` brings the step again with the same input: what is sent then is the
    /// same order. `visits` cannot say that, which counts each try.
    ///
    /// It is the way to the step from the workflow's own list: for each list where it stands, how often it went back, and
    /// in which round. All of these begin anew with a try, and so each step of it has the pass that it had before. The
    /// input is part of it, since another answer of a person, or another event, makes another order.
    /// - Returns: nil if no branch waits there.
    package func pass(reference: String, visit: Int) -> String? {
        let waiting = branches.first { branch in
            branch.wait?.pending.reference == reference && branch.wait?.pending.visit == visit
        }
        guard let waiting, let wait = waiting.wait else { return nil }
        var way: [String] = []
        var current: Branch? = waiting
        while let branch = current {
            way = branch.frames.map(\.pass) + way
            current = branch.parent.flatMap { parent in branches.first { $0.id == parent.branch } }
        }
        return (way + [wait.pending.input.text]).joined(separator: "\n")
    }
}

extension Frame {
    /// Which step of the list it is, and which pass of it.
    fileprivate var pass: String {
        switch kind {
        case .loop(_, let round, _): "\(list)/\(index) \(laps) \(round)"
        case .listen(let listener): "listen \(listener.outputs.count)"
        case .list, .branch, .attempt, .handler, .round, .function: "\(list)/\(index) \(laps)"
        }
    }
}

extension WorkflowError {
    /// Whether a server has said that it did nothing because of what the request was. It may yet have done what it
    /// answers with a conflict or asks to be sent later or again.
    var isRefusal: Bool {
        kind == .communication && (400..<500).contains(status) && ![408, 409, 425, 429].contains(status)
    }
}
