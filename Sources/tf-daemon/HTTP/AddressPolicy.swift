import Foundation
import NIOCore
import Synchronization
import TFConfiguration

/// Which addresses workflows may call: public ones, and those that the settings allow.
struct AddressPolicy: Sendable {
    /// Addresses that are not public. Source: the IANA special-purpose address registries, RFC 6890 and its updates.
    private static let special: [AddressRange] = [
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
        "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
        "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "100::/64", "2001::/23", "2001:db8::/32", "fc00::/7",
        "fe80::/10", "fec0::/10", "ff00::/8", "3fff::/20", "5f00::/16",
    ].compactMap { AddressRange($0) }
    /// IPv6 ranges whose addresses hold an IPv4 address, and the index of its first byte.
    private static let embedding: [(range: AddressRange, at: Int)] = [
        ("::ffff:0:0/96", 12), ("64:ff9b::/96", 12), ("64:ff9b:1::/48", 12), ("2002::/16", 2), ("::/96", 12),
    ].compactMap { text, at in AddressRange(text).map { ($0, at) } }

    let allowed: [AddressRange]

    func allows(_ address: [UInt8]) -> Bool {
        if allowed.contains(where: { $0.contains(address) }) { return true }
        if Self.special.contains(where: { $0.contains(address) }) { return false }
        if let (_, at) = Self.embedding.first(where: { $0.range.contains(address) }) {
            return allows(Array(address[at..<(at + 4)]))
        }
        return true
    }

    /// The addresses of a host, by the system's resolver.
    /// - Parameter host: `RequestTarget.host`.
    /// - Returns: an address to connect to; every address of the host must be allowed.
    /// - Throws: `CallFailure.refused` if one of the addresses is not allowed, `.unreachable` if the host is not known, or
    ///   no name server has told it before the deadline.
    func resolve(_ host: String, before deadline: NIODeadline) async throws -> String {
        let late = CallFailure.unreachable("no name server told the address of \(host) in time")
        guard deadline > .now() else { throw late }
        let addresses = try await withThrowingTaskGroup(of: [String].self) { group in
            group.addTask { try await Self.onItsOwnThread { Self.lookUp(host) } }
            group.addTask {
                try await Task.sleep(for: .nanoseconds(max(0, (deadline - .now()).nanoseconds)))
                throw late
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
        guard let first = addresses.first else { throw CallFailure.unreachable("the host \(host) is not known") }
        for address in addresses {
            guard let bytes = AddressRange.bytes(of: address), allows(bytes) else {
                throw CallFailure.refused(
                    "the host \(host) has the address \(address), which is not public; an operator can allow it with http.allow"
                )
            }
        }
        return first
    }

    /// A look-up may hang as long as a name server does, and cannot be stopped. So each gets a thread of its own, and
    /// none waits behind another company's. Who is cancelled does not wait for it: its step and its place are free, and
    /// the thread ends when the resolver gives up, within half a minute by its defaults.
    private static func onItsOwnThread(_ work: @escaping @Sendable () -> [String]) async throws -> [String] {
        let answer = LateAnswer<[String]>()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                answer.wait(continuation)
                Thread.detachNewThread { answer.give(.success(work())) }
            }
        } onCancel: {
            answer.give(.failure(CancellationError()))
        }
    }

    private static func lookUp(_ host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var next = list
        while let current = next {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            if getnameinfo(
                current.pointee.ai_addr, current.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0,
                NI_NUMERICHOST) == 0
            {
                addresses.append(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            }
            next = current.pointee.ai_next
        }
        return addresses
    }
}

/// Hands the first of several answers to the one who waits, and drops the others.
final class LateAnswer<Value: Sendable>: Sendable {
    private enum State {
        case nobodyWaits
        case waits(CheckedContinuation<Value, any Error>)
        case given(Result<Value, any Error>)
        case taken
    }

    private let state = Mutex(State.nobodyWaits)

    func wait(_ continuation: CheckedContinuation<Value, any Error>) {
        let given: Result<Value, any Error>? = state.withLock { state in
            guard case .given(let result) = state else {
                state = .waits(continuation)
                return nil
            }
            state = .taken
            return result
        }
        if let given { continuation.resume(with: given) }
    }

    func give(_ result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .nobodyWaits: state = .given(result)
            case .waits(let continuation):
                state = .taken
                return continuation
            case .given, .taken: break
            }
            return nil
        }
        waiting?.resume(with: result)
    }
}

/// Why a request got no answer.
enum CallFailure: Error {
    /// The request is not allowed.
    case refused(String)
    /// Nothing was sent: the request may be sent again, whatever its method.
    case unreachable(String)
    /// The server may have received the request.
    case unclear(String)
    /// Signing in failed.
    case unauthenticated(String)

    var reason: String {
        switch self {
        case .refused(let reason), .unreachable(let reason), .unclear(let reason), .unauthenticated(let reason): reason
        }
    }
}
