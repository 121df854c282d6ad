import TFExpression
import TFStore

/// What `tf-daemon status --json` prints of the daemon and the queues.
extension QueueStatus {
    var json: JSON {
        [
            "running": .bool(isRunning), "leading": .bool(leader == .leads), "obstacle": .optional(obstacle),
            "daemons": .array(
                daemons.map { daemon in
                    [
                        "name": .string(daemon.name), "companies": .strings(daemon.companies),
                        "renewed": .string(Moment.iso8601(daemon.renewedAtMs)),
                    ]
                }), "companies_without_daemon": .strings(unled),
            "failing_parts": .array(
                failing.map { part in
                    [
                        "part": .string(part.part.rawValue), "error": .string(part.error),
                        "since": .string(Moment.iso8601(part.sinceMs)),
                    ]
                }), "redis": .optional(redisError ?? "answers"), "redis_servers": .array(servers.map(\.json)),
            "outbox": ["waiting": .int(outbox.count), "oldest_ms": .int(Int(outbox.age))],
            "events": ["waiting": .int(events.count), "oldest_ms": .int(Int(events.age))],
            "paused": .strings(paused), "drift": .int(queues.count { $0.length != nil && !$0.isRight }),
            "queues": .array(
                queues.map { queue in
                    [
                        "company": .string(queue.company), "worker": .string(queue.name),
                        "kind": .string(queue.kind.rawValue),
                        "available": queue.isAvailable.map { .bool($0) } ?? .null, "open": .int(queue.open),
                        "listed": .int(queue.listed), "length": queue.length.map { .int($0) } ?? .null,
                    ]
                }),
            "wrong_keys": .array(
                wrongKeys.map { fault in
                    [
                        "key": .string(fault.key.name), "found": .string(fault.found),
                        "expected": .string(fault.expected),
                    ]
                }),
            "mended_keys": .array(
                mendedKeys.map { key in
                    [
                        "key": .string(key.name), "company": .optional(key.company), "found": .string(key.found),
                        "expected": .string(key.expected), "at": .string(Moment.iso8601(key.atMs)),
                    ]
                }),
            "set_aside": .array(
                setAside.map { aside in
                    [
                        "company": .string(aside.company), "ticket": aside.ticket.map { .int($0) } ?? .null,
                        "subject": .string(aside.subject), "reason": .string(aside.reason.sentence),
                    ]
                }), "problems": .array(problems.map(\.json)),
        ]
    }
}
