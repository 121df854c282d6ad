import Synchronization

/// The connections that write. Changes that would wait for each other's lock are committed together (group commit).
///
/// A commit waits for the server's disk, and for its standby if there is one, and the lock of its company is held
/// meanwhile: with a transaction for each change, a company could make no more changes a second than the disk syncs. So
/// this process has one transaction under a lock at a time, and what has come meanwhile goes into the next one. Locks count
/// as they are named: a company by its slug and the same one by its id are two, which wait for each other on the server.
final class PostgresWriters: Sendable {
    fileprivate struct Line {
        let lock: WriteLock
        var changes: [WaitingChange]
    }

    fileprivate struct State {
        var idle: [PostgresThread]
        /// In the order of their first changes.
        var lines: [Line] = []
        /// The locks of the transactions that are under way.
        var held: Set<WriteLock> = []
    }

    fileprivate struct Turn {
        let thread: PostgresThread
        let line: Line
    }

    /// Whoever waits for a change.
    private final class Caller: Sendable {
        private let gone = Mutex(false)

        var isGone: Bool { gone.withLock { $0 } }

        func leave() { gone.withLock { $0 = true } }
    }

    private let threads: [PostgresThread]
    private let state: Mutex<State>

    init(_ url: String, size: Int) {
        threads = (0..<size).map { _ in PostgresThread(url, isReadOnly: false) }
        state = Mutex(State(idle: threads))
    }

    /// How many changes wait for a connection, or for a transaction under their lock.
    var waiting: Int { state.withLock { $0.lines.reduce(0) { $0 + $1.changes.count } } }

    /// Runs a change in a transaction, and returns after its commit.
    func write<Value: Sendable>(
        _ lock: WriteLock, _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        try Task.checkCancellation()
        let caller = Caller()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let change = WaitingChange(continuation, isGivenUp: { caller.isGone }, body)
                begin { $0.enter(Line(lock: lock, changes: [change])) }
            }
        } onCancel: {
            caller.leave()
        }
    }

    func close() async { for thread in threads { await thread.close() } }

    /// Changes the state, and starts the transactions that may begin then.
    private func begin(_ change: (inout State) -> Void) {
        let turns = state.withLock { state in
            change(&state)
            return state.turns()
        }
        for turn in turns {
            Task {
                let left = await turn.thread.write(turn.line.lock, turn.line.changes)
                begin { $0.end(turn, left: left) }
            }
        }
    }
}

extension PostgresWriters.State {
    /// Puts changes behind those that wait for the same lock.
    mutating func enter(_ line: PostgresWriters.Line) {
        if line.lock.isShared, let index = lines.firstIndex(where: { $0.lock == line.lock }) {
            lines[index].changes += line.changes
        } else {
            lines.append(line)
        }
    }

    /// Takes what may begin: as many as there are connections, one for each lock.
    mutating func turns() -> [PostgresWriters.Turn] {
        var turns: [PostgresWriters.Turn] = []
        while !idle.isEmpty, let index = lines.firstIndex(where: { !held.contains($0.lock) }) {
            let line = lines.remove(at: index)
            if line.lock.isShared { held.insert(line.lock) }
            // The one that was used last: the others may stay without a connection.
            turns.append(PostgresWriters.Turn(thread: idle.removeLast(), line: line))
        }
        return turns
    }

    /// - Parameter left: changes that there was no time for; they are the next ones.
    mutating func end(_ turn: PostgresWriters.Turn, left: [WaitingChange]) {
        idle.append(turn.thread)
        held.remove(turn.line.lock)
        guard !left.isEmpty else { return }
        let index = lines.firstIndex { $0.lock == turn.line.lock }
        let later = index.map { lines.remove(at: $0).changes } ?? []
        lines.insert(PostgresWriters.Line(lock: turn.line.lock, changes: left + later), at: index ?? lines.endIndex)
    }
}

extension WriteLock {
    /// Whether changes under it wait for each other, so that they may be committed together.
    fileprivate var isShared: Bool {
        switch self {
        case .site, .company, .slug: true
        case .companies: false
        }
    }
}
