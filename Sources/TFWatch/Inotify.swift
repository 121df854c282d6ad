import Glibc
import NIOCore
import NIOPosix

/// An event of inotify(7) in a watched directory.
package struct InotifyEvent: Sendable {
    /// The directory's watch descriptor; -1 with an overflow.
    package let watch: Int32
    package let mask: UInt32
    /// The entry's name; empty for the directory itself.
    package let name: String

    package init(watch: Int32, mask: UInt32, name: String) {
        self.watch = watch
        self.mask = mask
        self.name = name
    }

    package func has(_ bits: Int32) -> Bool { mask & UInt32(bits) != 0 }
}

/// Why directories cannot be watched.
package enum InotifyError: Error, CustomStringConvertible {
    case unavailable(errno: Int32)
    case cannotWatch(path: String, errno: Int32)

    package var description: String {
        switch self {
        case .unavailable(let code): "inotify is not available: \(String(cString: strerror(code)))"
        case .cannotWatch(let path, let code): "cannot watch \(path): \(String(cString: strerror(code)))"
        }
    }
}

/// Directories watched by inotify(7), its descriptor read by a NIO pipe channel.
package struct Inotify: Sendable {
    private let descriptor: Int32

    package init() throws {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else { throw InotifyError.unavailable(errno: errno) }
    }

    /// Watches a directory; watching it again changes the mask.
    /// - Returns: the watch descriptor that its events carry.
    package func watch(_ path: String, mask: Int32) throws -> Int32 {
        let watch = inotify_add_watch(descriptor, path, UInt32(bitPattern: mask))
        guard watch >= 0 else { throw InotifyError.cannotWatch(path: path, errno: errno) }
        return watch
    }

    /// The kernel refuses a read that has no room for the next event, whose name may have 255 bytes. NIO's own buffer
    /// would shrink to 64 bytes when little arrives.
    private static let readBytes = 65_536

    /// Passes events on as they come, until the task is cancelled. May be called only once.
    package func deliver(to body: @Sendable ([InotifyEvent]) async throws -> Void) async throws {
        let channel = try await NIOPipeBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: Self.readBytes))
            .takingOwnershipOfDescriptor(input: descriptor) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, Never>(wrappingChannelSynchronously: channel)
                }
            }
        try await channel.executeThenClose { inbound in
            for try await buffer in inbound { try await body(Self.events(buffer)) }
        }
    }

    /// Reads `struct inotify_event`s, each followed by its name. The kernel never splits one over two reads.
    private static func events(_ buffer: ByteBuffer) -> [InotifyEvent] {
        var buffer = buffer
        var events: [InotifyEvent] = []
        while let watch = buffer.readInteger(endianness: .host, as: Int32.self),
            let mask = buffer.readInteger(endianness: .host, as: UInt32.self),
            buffer.readInteger(as: UInt32.self) != nil,
            let length = buffer.readInteger(endianness: .host, as: UInt32.self),
            let name = buffer.readBytes(length: Int(length))
        {
            let text = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            events.append(InotifyEvent(watch: watch, mask: mask, name: text))
        }
        return events
    }
}
