/// What a key of ours is for. A closed list: whatever stands under such a name has the type that `type` says, or is none
/// of ours.
public enum QueueKeyKind: Sendable, Hashable, CaseIterable {
    case queues
    case list
    case open
    case available
    case turn
    case worker
    case job
    case sequence
    case epoch
    case highWaterMark
    case results
    case statistics

    /// The type that Redis must have it as, in the words of its command TYPE.
    public var type: String {
        switch self {
        case .queues: "set"
        case .list, .results: "list"
        case .open, .available, .turn: "zset"
        case .worker, .job, .statistics: "hash"
        case .sequence, .epoch, .highWaterMark: "string"
        }
    }

    /// Whether the content follows from the store and is made again by a rebuild. The others only hold what is counted
    /// or said on the way, or what every company shares.
    public var isRebuilt: Bool {
        switch self {
        case .list, .open, .available, .turn, .worker, .job, .sequence, .epoch, .highWaterMark: true
        case .queues, .results, .statistics: false
        }
    }

    /// What the script that looks at keys has to look at beside type and expiry: numbers that other scripts count with.
    var rule: String {
        switch self {
        case .sequence: "turn"
        case .highWaterMark: "number"
        case .statistics: "counters"
        case .worker: "worker"
        case .job: "job"
        case .queues, .list, .open, .available, .turn, .epoch, .results: ""
        }
    }
}

/// A key by its name.
public struct QueueKey: Sendable, Hashable {
    /// As Redis has it.
    public let name: String
    /// What it is for.
    public let kind: QueueKeyKind
}

/// A key that is not what it has to be.
public struct KeyFault: Sendable, Hashable {
    /// What is wrong with it.
    public enum Finding: Sendable, Hashable {
        /// It is of this other type.
        case type(String)
        /// A number in it is none, or one that nothing of ours counts to.
        case content
        /// It would go after a time.
        case expiry
    }

    /// The key.
    public let key: QueueKey
    /// What is wrong with it.
    public let finding: Finding

    /// What was found, in words for an operator.
    public var found: String {
        switch finding {
        case .type(let type): "a \(type)"
        case .content: "a \(key.kind.type) with what is no number of ours"
        case .expiry: "a \(key.kind.type) that would expire"
        }
    }

    /// What it has to be, in the same words.
    public var expected: String { "a \(key.kind.type)" }

    /// Whether the company's queues have to be filled again after it was put right.
    public var needsRebuild: Bool { key.kind.isRebuilt && finding != .expiry }
}

extension QueueKeys {
    /// The key that all companies share.
    public static let shared = [QueueKey(name: queues, kind: .queues)]

    /// The two that say which content this is.
    public var marks: [QueueKey] {
        [QueueKey(name: epoch, kind: .epoch), QueueKey(name: highWaterMark, kind: .highWaterMark)]
    }

    /// Every key that a company can have.
    /// - Parameters:
    ///   - roles: the company's, and those of its tasks.
    ///   - lists: the names of lists.
    ///   - jobs: the ids of open jobs.
    public func all(logins: [String], roles: [String], lists: [String], jobs: [String]) -> [QueueKey] {
        var keys = marks
        keys += [
            QueueKey(name: sequence, kind: .sequence), QueueKey(name: open, kind: .open),
            QueueKey(name: results, kind: .results), QueueKey(name: statistics, kind: .statistics),
        ]
        for role in [nil] + roles.map(Optional.some) {
            for kind in [WorkerKind.person, .service] {
                keys.append(QueueKey(name: available(kind, role: role), kind: .available))
                keys.append(QueueKey(name: turn(kind, role: role), kind: .turn))
            }
        }
        keys += logins.map { QueueKey(name: worker($0), kind: .worker) }
        keys += lists.map { QueueKey(name: list($0), kind: .list) }
        return keys + jobKeys(jobs)
    }

    /// The keys of jobs.
    public func jobKeys(_ ids: [String]) -> [QueueKey] { ids.map { QueueKey(name: job($0), kind: .job) } }
}
