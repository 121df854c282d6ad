import Glibc
import TestSupport

/// A TCP connection to this machine whose bytes a test writes and reads itself, as no HTTP client would.
///
/// It never blocks a thread: what the server sends is asked for again and again, as `eventually` does.
final class RawConnection {
    /// One answer of the server.
    struct Answer {
        let status: Int
        /// Status line and headers.
        let head: String
        let body: String

        /// Whether the server says that it ends the connection with this answer.
        var isLast: Bool { head.lowercased().contains("\r\nconnection: close") }
    }

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    private var descriptor: Int32
    private var received: [UInt8] = []
    private var isAtEnd = false

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw Failed(description: "no connection to port \(port): error \(errno)") }
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    }

    deinit { close() }

    func close() {
        guard descriptor >= 0 else { return }
        Glibc.close(descriptor)
        descriptor = -1
    }

    /// Ends the connection as a client that dies does: without its end, with a reset.
    func reset() {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close()
    }

    /// Says that nothing more is sent; what the server sends is still read.
    func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Sends all of a text.
    /// - Throws: `Failed` where the server takes no more, since it ended the connection.
    func send(_ text: String) async throws {
        guard try await sent(text) else { throw Failed(description: "the connection has ended") }
    }

    /// Sends a text, or as much of it as the server takes.
    /// - Returns: false: the server ended the connection.
    func sent(_ text: String) async throws -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = try await eventually("the server takes more bytes") { () -> Int? in
                let count = rest.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                if count < 0, errno == EAGAIN || errno == EINTR { return nil }
                return count
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// The next answer, which is taken from what was received. Its request must not be HEAD.
    /// - Throws: `Failed` at once where the connection ends without one.
    func answer() async throws -> Answer {
        // As a result: an error would only be one more try.
        let result = try await eventually("the server answers") { () -> Result<Answer, any Error>? in
            readAll()
            do {
                if let answer = try takeAnswer() { return .success(answer) }
            } catch {
                return .failure(error)
            }
            let text = String(decoding: received, as: UTF8.self)
            return isAtEnd ? .failure(Failed(description: "the connection ended after: \(text)")) : nil
        }
        return try result.get()
    }

    /// Sends a request and waits for its answer.
    func answer(to text: String) async throws -> Answer {
        try await send(text)
        return try await answer()
    }

    /// Waits until the server has ended the connection.
    /// - Returns: what it sent before and nobody has taken.
    func end() async throws -> String {
        try await eventually("the server ends the connection") {
            readAll()
            return isAtEnd ? String(decoding: received, as: UTF8.self) : nil
        }
    }

    /// Whether the server has ended the connection.
    var isClosed: Bool {
        readAll()
        return isAtEnd
    }

    /// Reads what has come.
    private func readAll() {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        while !isAtEnd {
            let count = recv(descriptor, &bytes, bytes.count, 0)
            if count > 0 {
                received += bytes[..<count]
            } else if count == 0 || (errno != EAGAIN && errno != EINTR) {
                isAtEnd = true
            } else {
                return
            }
        }
    }

    private func takeAnswer() throws -> Answer? {
        guard let end = received.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: received[..<end.upperBound], as: UTF8.self)
        let words = head.split(separator: " ", maxSplits: 2)
        guard words.count > 1, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw Failed(description: "this is no answer: \(head)")
        }
        let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let length = field.flatMap { Int($0.dropFirst(15).drop { $0 == " " }) } ?? 0
        guard received.count >= end.upperBound + length else { return nil }
        let body = String(decoding: received[end.upperBound..<end.upperBound + length], as: UTF8.self)
        received.removeFirst(end.upperBound + length)
        return Answer(status: status, head: head, body: body)
    }
}
