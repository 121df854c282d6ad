import NIOCore
import Synchronization
import TFConfiguration

/// Limits for one client: number of connections, and time to send and to read.
final class ConnectionLimits: Sendable {
    struct Bounds: Sendable {
        /// How long a connection may be open without a request.
        var idle = TimeAmount.seconds(30)
        /// Time from the connection to the end of its first request's headers.
        var headers = TimeAmount.seconds(10)
        /// How far a body may fall behind the rate `slowest`, and how long a client may take to read an answer.
        var patience = TimeAmount.seconds(30)
        /// Minimum rate of a body, in bytes a second.
        var slowest = 4_096
        /// How often a connection is checked.
        var look = TimeAmount.seconds(5)
        /// How long, and how many bytes, input after the last answer is read and discarded, so that the client can read
        /// the answer: closing at once would reset the connection and lose the answer (RFC 9112, 9.6).
        var drainTime = TimeAmount.seconds(5)
        var drainBytes = 256 << 10
        /// How long a newcomer without a place may take to send a request, which is answered with that.
        var refusal = TimeAmount.seconds(5)
        /// How long a silent connection may still send a request after the server was told to stop.
        var departure = TimeAmount.seconds(2)
        /// Maximum number of connections of one network that is neither a trusted proxy nor this machine.
        var limitOfNetwork = 256

        /// Bytes by which a body may be behind or ahead of the slowest rate.
        var credit: Double { Double(slowest) * Double(patience.nanoseconds) / 1e9 }
    }

    let bounds: Bounds
    let places: ConnectionPlaces
    /// Whether the site's address is https, which answers have to say.
    let isSecure: Bool
    private let proxies: [AddressRange]
    private let open = Mutex<[String: Int]>([:])

    init(
        _ bounds: Bounds = Bounds(), proxies: [AddressRange], isSecure: Bool = false,
        places: ConnectionPlaces = ConnectionPlaces(of: Descriptors.connections())
    ) {
        self.bounds = bounds
        self.places = places
        self.isSecure = isSecure
        self.proxies = proxies
    }

    func handlers() -> [any RemovableChannelHandler] { [ConnectionGuard(limits: self)] }

    /// - Returns: false if the address's network already has too many connections.
    func enter(_ address: String) -> Bool {
        guard isCounted(address) else { return true }
        let network = AddressRange.network(of: address)
        return open.withLock { open in
            guard open[network, default: 0] < bounds.limitOfNetwork else { return false }
            open[network, default: 0] += 1
            return true
        }
    }

    func leave(_ address: String) {
        guard isCounted(address) else { return }
        let network = AddressRange.network(of: address)
        open.withLock { open in
            let left = (open[network] ?? 1) - 1
            open[network] = left > 0 ? left : nil
        }
    }

    private func isCounted(_ address: String) -> Bool {
        guard let bytes = AddressRange.bytes(of: AddressRange.plain(address)), !AddressRange.isLoopback(address) else {
            return false
        }
        return !proxies.contains { $0.contains(bytes) }
    }
}
