import NIOCore
import Synchronization
import TFConfiguration

/// What one client may take of the server: connections, and time to send and to read.
final class ConnectionLimits: Sendable {
    struct Bounds: Sendable {
        /// Connections without a request end after this.
        var idle = TimeAmount.seconds(30)
        /// From the connection to the end of its first request's headers.
        var headers = TimeAmount.seconds(10)
        /// After this a body must have come at `slowest`, and an answer must be taken.
        var patience = TimeAmount.seconds(30)
        /// Bytes a second.
        var slowest = 4_096
        /// How often a connection is looked at.
        var look = TimeAmount.seconds(5)
        /// For so long and to so many bytes, what comes in after an answer is read and thrown away, so that the client
        /// gets to read the answer: closing at once resets the connection, and takes the answer with it (RFC 9112, 9.6).
        var drainTime = TimeAmount.seconds(5)
        var drainBytes = 256 << 10
        /// Connections of one network that is no trusted proxy and not this machine.
        var limitOfNetwork = 256

        /// Bytes by which a body may be behind the slowest rate, and may have come ahead of it.
        var credit: Double { Double(slowest) * Double(patience.nanoseconds) / 1e9 }
    }

    let bounds: Bounds
    private let proxies: [AddressRange]
    private let open = Mutex<[String: Int]>([:])

    init(_ bounds: Bounds = Bounds(), proxies: [AddressRange]) {
        self.bounds = bounds
        self.proxies = proxies
    }

    func handlers() -> [any RemovableChannelHandler] { [ConnectionGuard(limits: self)] }

    /// - Returns: false where the address's network has too many already.
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
        let address = AddressRange.plain(address)
        guard let bytes = AddressRange.bytes(of: address), address != "::1", bytes.first != 127 || bytes.count != 4
        else {
            return false
        }
        return !proxies.contains { $0.contains(bytes) }
    }
}
