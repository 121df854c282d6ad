import CHiredis
import NIOCore

/// Commands that are written with one flush and answered in order.
struct RedisBatch: Sendable {
    let commands: [[String]]
    let replies: EventLoopPromise<[RedisValue]>
}

/// Turns commands into bytes and bytes into replies with hiredis: `redisFormatCommandArgv` and a `redisReader`.
///
/// Replies come in the order of the commands, so each reply belongs to the oldest batch that is not complete. Runs only
/// on its channel's event loop.
final class RedisCodec: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = RedisBatch
    typealias OutboundOut = ByteBuffer

    private struct Waiting {
        let count: Int
        var replies: [RedisValue]
        let promise: EventLoopPromise<[RedisValue]>
    }

    private let reader: UnsafeMutablePointer<redisReader>?
    private var waiting: CircularBuffer<Waiting> = []
    /// Receives the messages of a subscription, which arrive without a command.
    private let onMessage: (@Sendable (RedisValue) -> Void)?

    init(onMessage: (@Sendable (RedisValue) -> Void)? = nil) {
        reader = redisReaderCreate()
        self.onMessage = onMessage
    }

    deinit { redisReaderFree(reader) }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let batch = unwrapOutboundIn(data)
        var buffer = context.channel.allocator.buffer(capacity: 256 * batch.commands.count)
        for command in batch.commands { Self.format(command, into: &buffer) }
        waiting.append(Waiting(count: batch.commands.count, replies: [], promise: batch.replies))
        context.write(wrapOutboundOut(buffer), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        let fed = buffer.withUnsafeReadableBytes { bytes in
            redisReaderFeed(reader, bytes.bindMemory(to: CChar.self).baseAddress, bytes.count)
        }
        guard fed == REDIS_OK else { return fail(context, "hiredis has no memory") }
        while let reply = nextReply(context) { deliver(reply) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(context, "Redis closed the connection")
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(context, "\(error)") }

    private func nextReply(_ context: ChannelHandlerContext) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard redisReaderGetReply(reader, &reply) == REDIS_OK else {
            fail(context, "the answer is not RESP")
            return nil
        }
        guard let reply else { return nil }
        defer { freeReplyObject(reply) }
        return Self.value(reply.assumingMemoryBound(to: redisReply.self).pointee)
    }

    private func deliver(_ reply: RedisValue) {
        guard !waiting.isEmpty else {
            onMessage?(reply)
            return
        }
        // Changed in place: with a copy of the batch, each reply would copy all replies before it.
        let oldest = waiting.startIndex
        waiting[oldest].replies.append(reply)
        guard waiting[oldest].replies.count == waiting[oldest].count else { return }
        let batch = waiting.removeFirst()
        batch.promise.succeed(batch.replies)
    }

    private func fail(_ context: ChannelHandlerContext, _ reason: String) {
        while let batch = waiting.popFirst() { batch.promise.fail(QueueError.connectionLost(reason)) }
        context.close(promise: nil)
    }

    private static func format(_ command: [String], into buffer: inout ByteBuffer) {
        let lengths = command.map(\.utf8.count)
        var target: UnsafeMutablePointer<CChar>?
        let length = withArguments(command) { pointers in
            var pointers = pointers
            return redisFormatCommandArgv(&target, Int32(command.count), &pointers, lengths)
        }
        defer { redisFreeCommand(target) }
        guard length > 0, let target else { preconditionFailure("hiredis formats any command") }
        buffer.writeBytes(UnsafeRawBufferPointer(start: target, count: Int(length)))
    }

    /// One block of memory for all arguments, with a pointer to each.
    private static func withArguments<Result>(
        _ command: [String], _ body: ([UnsafePointer<CChar>?]) -> Result
    ) -> Result {
        var bytes: [CChar] = []
        bytes.reserveCapacity(command.reduce(1) { $0 + $1.utf8.count })
        var offsets: [Int] = []
        for argument in command {
            offsets.append(bytes.count)
            bytes.append(contentsOf: argument.utf8.lazy.map { CChar(bitPattern: $0) })
        }
        bytes.append(0)
        return bytes.withUnsafeBufferPointer { buffer in
            body(offsets.map { offset in buffer.baseAddress.map { $0 + offset } })
        }
    }

    private static func value(_ reply: redisReply) -> RedisValue {
        switch reply.type {
        case REDIS_REPLY_INTEGER: return .integer(reply.integer)
        case REDIS_REPLY_STRING, REDIS_REPLY_STATUS: return .string(text(reply))
        case REDIS_REPLY_ERROR: return .error(text(reply))
        case REDIS_REPLY_ARRAY:
            return .array(
                (0..<reply.elements).map { index in reply.element[index].map { value($0.pointee) } ?? .null })
        default: return .null
        }
    }

    private static func text(_ reply: redisReply) -> String {
        guard let start = reply.str else { return "" }
        let bytes = UnsafeRawBufferPointer(start: start, count: reply.len)
        return String(decoding: bytes, as: UTF8.self)
    }
}
