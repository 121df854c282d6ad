/// The purpose of a key. Each has one type in Redis (`type`); a key of another type was written by somebody else.
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

    /// The key's type, as Redis' command TYPE names it.
    public var type: String {
        switch self {
        case .queues: "set"
        case .list, .results: "list"
        case .open, .available, .turn: "zset"
        case .worker, .job, .statistics: "hash"
        case .sequence, .epoch, .highWaterMark: "string"
        }
    }

    /// Whether a rebuild makes the content again from the store. The others hold counters, reports or what all
    /// companies share.
    public var isRebuilt: Bool {
        switch self {
        case .list, .open, .available, .turn, .worker, .job, .sequence, .epoch, .highWaterMark: true
        case .queues, .results, .statistics: false
        }
    }

    /// Which numbers in the key the checking script looks at, beside type and expiry: those that other scripts count
    /// with.
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

/// A key of ours.
public struct QueueKey: Sendable, Hashable {
    /// The name in Redis.
    public let name: String
    /// The purpose.
    public let kind: QueueKeyKind
}

/// A key with a wrong type, number or expiry.
public struct KeyFault: Sendable, Hashable {
    /// What is wrong with it.
    public enum Finding: Sendable, Hashable {
        /// The key has this other type.
        case type(String)
        /// A value that has to be a number is none, or is out of range.
        case content
        /// The key has an expiry, and would vanish.
        case expiry

        /// What the key is now, in words for an operator.
        /// - Parameter type: the type that the key must have.
        public func words(of type: String) -> String {
            switch self {
            case .type(let found): "a \(found)"
            case .content: "a \(type) with a wrong number"
            case .expiry: "a \(type) that would expire"
            }
        }
    }

    /// The key.
    public let key: QueueKey
    /// What is wrong with it.
    public let finding: Finding

    /// What the key is now, in words for an operator.
    public var found: String { finding.words(of: key.kind.type) }

    /// What the key has to be, in words for an operator.
    public var expected: String { "a \(key.kind.type)" }

    /// Whether the company's queues must be rebuilt after the key is mended.
    public var needsRebuild: Bool { key.kind.isRebuilt && finding != .expiry }
}

extension QueueKeys {
    /// The key that all companies share.
    public static let shared = [QueueKey(name: queues, kind: .queues)]

    /// The epoch and the high-water mark.
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
            for kind in [Worker.Kind.person, .service] {
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
