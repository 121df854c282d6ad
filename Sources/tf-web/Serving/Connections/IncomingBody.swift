import NIOCore

/// A request's body while it is received, with the credit that tells whether it keeps the minimum rate.
struct IncomingBody {
    /// The length that the head announced, in bytes; nil for a chunked body.
    let length: Int?
    /// Whether the client sent `Expect: 100-continue`, and was not asked for the body yet. Most clients send it after a
    /// second anyway.
    var isHeldBack: Bool
    private var received = 0
    /// Bytes that the client is ahead of the minimum rate; below zero it is too slow.
    private(set) var credit: Double

    init(length: Int?, isHeldBack: Bool, credit: Double) {
        self.length = length
        self.isHeldBack = isHeldBack
        self.credit = credit
    }

    /// Whether the client still waits to be asked for the body.
    var isAwaited: Bool { isHeldBack && received == 0 }

    /// - Parameter limit: the most credit that the body may have afterwards.
    mutating func add(_ bytes: Int, to limit: Double) {
        received += bytes
        credit = min(limit, credit + Double(bytes))
    }

    /// Subtracts from the credit the bytes that should have come in this time.
    /// - Parameter slowest: bytes a second.
    mutating func wait(_ time: TimeAmount, slowest: Int) {
        credit -= Double(time.nanoseconds) / 1e9 * Double(slowest)
    }

    /// Bytes still to come; nil if unknown, or if the client still holds the body back.
    var left: Int? {
        guard let length, !isAwaited else { return nil }
        return length - received
    }
}
