import CPQ

/// An error of PostgreSQL or of the way to it.
struct PostgresFailure: Error, Sendable {
    /// PostgreSQL's code of five letters and digits; nil: the connection was lost, or is not there.
    /// Source: postgresql.org/docs/15/errcodes-appendix.html.
    let code: String?
    let message: String

    /// A kept statement has other columns since a program of another version migrated the store.
    private static let changedPlan = "0A000"

    /// The server is gone, or ends, or the connection is of no more use: what was being done there is done again on another connection.
    var isLoss: Bool {
        guard let code else { return true }
        return code.hasPrefix("08") || ["57P01", "57P02", "57P03", "25006", Self.changedPlan].contains(code)
    }

    /// Another transaction was in the way: the same one may succeed the next time.
    var isCollision: Bool { code == "40001" || code == "40P01" }

    /// Whether the transaction that failed by it is tried again.
    var isRetried: Bool { isLoss || isCollision }

    /// For callers of the store.
    var failure: DatabaseFailure {
        DatabaseFailure(kind: kind, refusal: refusal, description: message)
    }

    private var refusal: DatabaseFailure.Refusal? {
        switch code {
        case "53100": .full
        case "55P03": .locked
        // Nothing is the matter with the server: the statement is prepared anew.
        case Self.changedPlan?: nil
        default: isLoss ? .away : nil
        }
    }

    private var kind: DatabaseFailure.Kind {
        guard let code, !isLoss, !isCollision else { return .unavailable }
        switch code {
        // A lock was not got in time; a statement took too long.
        case "55P03", "57014", "58030": return .unavailable
        // The disk, the memory or the connections are used up.
        case _ where code.hasPrefix("53"): return .unavailable
        case _ where code.hasPrefix("23"): return .constraint
        default: return .other
        }
    }
}

extension PostgresFailure {
    /// Of a statement.
    init(_ result: OpaquePointer?, _ connection: OpaquePointer) {
        // PG_DIAG_SQLSTATE is a character, which Swift does not import.
        let code = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) }
        let text = result == nil ? PQerrorMessage(connection) : PQresultErrorMessage(result)
        self.init(
            code: PQstatus(connection) == CONNECTION_OK ? code : nil,
            message: text.map { String(cString: $0) }.map(Self.trimmed) ?? "no answer")
    }

    /// Of a connection that could not be made.
    init(connecting connection: OpaquePointer) {
        self.init(code: nil, message: Self.trimmed(String(cString: PQerrorMessage(connection))))
    }

    private static func trimmed(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }.joined(separator: "; ")
    }
}
