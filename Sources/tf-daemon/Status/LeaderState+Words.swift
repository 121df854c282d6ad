import TFStore

extension LeaderState {
    /// What the leader does, in words.
    /// - Parameter obstacle: what keeps it from its work; nil: nothing that can be seen.
    func text(obstacle: String?) -> String {
        switch self {
        case .leads: "running"
        case .hangs(let process, let silentMs):
            "process \(process.id) runs and does not work: its lease was renewed \(silentMs / 1_000) s ago; "
                + (obstacle ?? "its log says why, such as a disk that is full or read-only")
        case .waits:
            "running, and leads nothing yet: "
                + (obstacle ?? "if it stays so, its log says why, such as a disk that is full or read-only")
        case .absent: "not running" + (obstacle.map { ", and \($0)" } ?? "")
        }
    }
}
