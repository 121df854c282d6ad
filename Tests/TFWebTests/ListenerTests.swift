import Foundation
import NIOCore
import NIOPosix
import TFMetrics
import Testing

@testable import tf_web

@Suite struct ListenerTests {
    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Clients come all the time, so that some of them are being accepted whenever a listener is closed.
    @Test(.timeLimit(.minutes(3)))
    func `each of 2,000 connections is served while listeners of one socket take turns`() async throws {
        let socket = try Self.socket()
        // The first that fails cancels the others.
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                var served = 0
                while served < 2_000 {
                    served += try await Self.serve(min(10, 2_000 - served), on: socket.descriptor)
                }
                #expect(served == 2_000)
            }
            for _ in 0..<20 {
                tasks.addTask {
                    for _ in 0..<100 {
                        let isServed = try await Self.isServed(socket.port)
                        #expect(isServed)
                    }
                }
            }
            try await tasks.waitForAll()
        }
        close(socket.descriptor)
    }

    @Test(.timeLimit(.minutes(3)))
    func `a server that is cancelled closes its socket, and ends who comes meanwhile`() async throws {
        let socket = try Self.socket()
        let server = Task { try await Self.serve(.max, on: socket.descriptor) }
        _ = try await Self.isServed(socket.port)
        let clients = Task { while !Task.isCancelled { _ = try? await Self.isServed(socket.port) } }
        server.cancel()
        #expect(try await server.value >= 1)
        clients.cancel()
        close(socket.descriptor)
        await clients.value
    }

    @Test func `a host that nobody knows is told with its setting and what to write`() throws {
        let error = #expect(throws: SocketAddressError.UnknownHost.self) {
            _ = try SocketAddress.makeAddressResolvingHost("no host", port: 24_000)
        }
        let unknown = try #require(error)
        let refusal = try #require(BindError(unknown, setting: "metrics.bind (--metrics-bind)", ("no host", 24_000)))
        let told = refusal.description
        #expect(told.hasPrefix("there is no host no host ("), "\(told)")
        #expect(told.contains("127.0.0.1:24000") && told.hasSuffix("the setting metrics.bind (--metrics-bind)"))
    }

    /// Serves a socket until `count` connections have come.
    /// - Returns: how many were served, with those that came until it was closed.
    private static func serve(_ count: Int, on socket: Int32) async throws -> Int {
        // One that ends before its sockets are closed would end the process.
        let group = MultiThreadedEventLoopGroup.singleton
        let bootstrap = ServerBootstrap(group: group)
        let listener = try await Listener(bootstrap, on: group) {
            $0.withBoundSocket(dup(socket))
        } prepare: { channel in
            channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
        } refuse: { connection in
            Task { try? await connection.executeThenClose { _, _ in } }
        }
        return await withTaskGroup(of: Void.self) { tasks in
            var served = 0
            for await connection in listener.connections {
                served += 1
                if served == count { listener.close() }
                tasks.addTask {
                    try? await connection.executeThenClose { received, sent in
                        for try await bytes in received { try await sent.write(bytes) }
                    }
                }
            }
            return served
        }
    }

    /// Connects, and asks for one byte back.
    private static func isServed(_ port: Int) async throws -> Bool {
        let connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
        return try await connection.executeThenClose { received, sent in
            try await sent.write(ByteBuffer(bytes: [1]))
            for try await bytes in received { return bytes.readableBytes == 1 }
            return false
        }
    }

    /// A socket of this machine that listens.
    static func socket() throws -> (descriptor: Int32, port: Int) {
        let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 256) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(descriptor >= 0 && isOpen)
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }
}
