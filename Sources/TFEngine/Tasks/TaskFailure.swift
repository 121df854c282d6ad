import TFExpression

/// Why the last try of a program's task failed: the column `task.error`.
package enum TaskFailure: Sendable, Hashable {
    /// The program reported it, in words of its own.
    case reported(title: String, detail: String?)
    /// Its lease ended without a report, at this moment in milliseconds since 1970.
    case leaseEnded(login: String, at: Int64)

    /// The login of the program that fell silent; nil: it reported the failure itself.
    package var login: String? {
        switch self {
        case .reported: nil
        case .leaseEnded(let login, _): login
        }
    }

    /// The value of the column.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case reported
        case leaseEnded = "lease_ended"
    }

    package var kind: Kind {
        switch self {
        case .reported: .reported
        case .leaseEnded: .leaseEnded
        }
    }

    /// As it is stored.
    package var json: JSON {
        let kind = JSON.string(kind.rawValue)
        return switch self {
        case .reported(let title, let detail): ["kind": kind, "title": .string(title), "detail": .optional(detail)]
        case .leaseEnded(let login, let moment): ["kind": kind, "login": .string(login), "at": .int(moment)]
        }
    }

    /// - Returns: nil for a value that is none; missing facts are taken as empty or 0, so that a damaged row is still
    ///   shown.
    package init?(_ json: JSON) {
        switch json["kind"].stringValue.flatMap(Kind.init) {
        case .reported: self = .reported(title: json["title"].stringValue ?? "", detail: json["detail"].stringValue)
        case .leaseEnded:
            self = .leaseEnded(login: json["login"].stringValue ?? "", at: Int64(json["at"].intValue ?? 0))
        case nil: return nil
        }
    }

    // MARK: In words

    package var title: String {
        switch self {
        case .reported(let title, _): title
        case .leaseEnded: "No word from the program"
        }
    }

    package var detail: String? {
        switch self {
        case .reported(_, let detail): detail
        case .leaseEnded(let login, let moment): "the lease of \(login) ended at \(Moment.iso8601(moment))"
        }
    }

    /// As workflows and programs are told: `{title, detail}`.
    package var problem: JSON { ["title": .string(title), "detail": .optional(detail)] }
}
