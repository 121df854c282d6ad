import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

/// What keeps all the other tests green on a machine that is slow or busy.
@Suite struct WaitingTests {
    private static let began = Atomic(0)
    private static let isOver = Atomic(false)

    @Test func `checks on threads of their own stop no code that waits`() async throws {
        // One more than asynchronous code has threads.
        let count = ProcessInfo.processInfo.activeProcessorCount + 1
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<count { group.addTask { await OwnThread.run { Self.holdThread() } } }
            _ = try await eventually("each holds its thread") {
                Self.began.load(ordering: .acquiring) == count ? true : nil
            }
            Self.isOver.store(true, ordering: .releasing)
            for try await sawTheEnd in group { #expect(sawTheEnd) }
        }
    }

    /// - Returns: whether somebody said so while it held the thread.
    private static func holdThread() -> Bool {
        began.add(1, ordering: .acquiringAndReleasing)
        for _ in 0..<60_000 where !isOver.load(ordering: .acquiring) { usleep(1_000) }
        return isOver.load(ordering: .acquiring)
    }

    @Test func `a wait ends with its event, whatever failed before, and else after so many tries`() async throws {
        var tries = 0
        let value = try await eventually("the third") { () throws -> Int? in
            tries += 1
            if tries == 1 { throw CocoaError(.fileNoSuchFile) }
            return tries == 3 ? tries : nil
        }
        #expect(value == 3)
        tries = 0
        await #expect(throws: NeverHappened.self) {
            try await eventually("never", tries: 5) { () -> Int? in
                tries += 1
                return nil
            }
        }
        #expect(tries == 5)
    }

    @Test func `a port that somebody has is not given, and what does not start is tried on another`() async throws {
        var ports: [Int] = []
        let port = try await onFreePort { port -> Int? in
            ports.append(port)
            return ports.count < 3 ? nil : port
        }
        #expect(ports.last == port)
        let (taken, descriptor) = try await onFreePort { port in Self.listen(port).map { (port, $0) } }
        #expect(!isFree(taken))
        close(descriptor)
    }

    /// - Returns: the socket; nil: somebody has the port.
    private static func listen(_ port: Int) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isBound, Glibc.listen(descriptor, 1) == 0 { return descriptor }
        close(descriptor)
        return nil
    }
}
