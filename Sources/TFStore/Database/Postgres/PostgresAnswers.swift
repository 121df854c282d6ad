import CPQ
import Glibc

/// Waits for a server's answers, and gives up on a server that hangs or is cut off.
///
/// A statement may take long; a server that does not answer at all must not keep its client. So after some seconds
/// without an answer another connection to the same server is tried: while that one is answered, the server works.
struct PostgresAnswers {
    /// How long an answer is waited for before the server is tried.
    static let patience = Duration.seconds(5)
    /// For another connection, in seconds.
    private static let probeTimeout = "3"

    private let handle: OpaquePointer
    private let url: String

    init(_ handle: OpaquePointer, url: String) {
        (self.handle, self.url) = (handle, url)
    }

    /// The answer to what was just sent; of several statements the last one's, or that of the first that failed.
    /// - Parameter isSent: what libpq said of the sending.
    /// - Returns: nil: the connection is lost.
    /// - Throws: `PostgresFailure` if the server hangs.
    func next(_ isSent: Int32) throws -> OpaquePointer? {
        guard isSent == 1 else { return nil }
        var last: OpaquePointer?
        while true {
            do { try wait() } catch {
                PQclear(last)
                throw error
            }
            guard let result = PQgetResult(handle) else { return last }
            if let last, PQresultStatus(last) == PGRES_FATAL_ERROR {
                PQclear(result)
            } else {
                PQclear(last)
                last = result
            }
        }
    }

    /// Waits until the next result is there, or the connection is lost.
    private func wait() throws {
        var end = ContinuousClock.now + Self.patience
        while PQisBusy(handle) == 1 {
            let left = ContinuousClock.now.duration(to: end)
            guard left > .zero else {
                guard isThere() else {
                    throw PostgresFailure(code: nil, message: "the PostgreSQL server does not answer any more")
                }
                end = .now + Self.patience
                continue
            }
            var socket = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
            // Rounded up: what is left may be less than a millisecond. A signal may end it early.
            guard poll(&socket, 1, Int32(left / .milliseconds(1)) + 1) > 0 else { continue }
            // A connection that is lost has an error as its next result.
            if PQconsumeInput(handle) == 0 { return }
        }
    }

    /// Whether the server of this connection answers another one.
    private func isThere() -> Bool {
        func text(_ value: UnsafeMutablePointer<CChar>?) -> String { value.map { String(cString: $0) } ?? "" }
        let probe = PostgresConnection.open([
            ("dbname", url), ("host", text(PQhost(handle))), ("hostaddr", ""), ("port", text(PQport(handle))),
            ("target_session_attrs", "any"), ("connect_timeout", Self.probeTimeout),
        ])
        defer { PQfinish(probe) }
        // One that has no room left for a connection says so, and so is there.
        return PQstatus(probe) == CONNECTION_OK || text(PQerrorMessage(probe)).contains("FATAL:")
    }
}
