import NIOCore

/// A request's body that comes in, held to a rate.
struct IncomingBody {
    /// What the head announced; nil: it comes in chunks.
    let length: Int?
    /// Whether the client waits to be asked for it; nobody does, and most send it after a second.
    let isHeldBack: Bool
    private var received = 0
    /// Bytes that the client is ahead of the slowest rate; below zero: it is too slow.
    private(set) var credit: Double

    init(length: Int?, isHeldBack: Bool, credit: Double) {
        self.length = length
        self.isHeldBack = isHeldBack
        self.credit = credit
    }

    /// - Parameter limit: no more credit than this.
    mutating func add(_ bytes: Int, to limit: Double) {
        received += bytes
        credit = min(limit, credit + Double(bytes))
    }

    /// Takes from the credit what should have come in a time.
    /// - Parameter slowest: bytes a second.
    mutating func wait(_ time: TimeAmount, slowest: Int) {
        credit -= Double(time.nanoseconds) / 1e9 * Double(slowest)
    }

    /// How much is still to come; nil: nobody knows, or it is still held back.
    var left: Int? {
        guard let length, !isHeldBack || received > 0 else { return nil }
        return length - received
    }
}
