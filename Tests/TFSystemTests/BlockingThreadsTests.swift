import Foundation
import Synchronization
import TFSystem
import Testing

/// Threads for work that blocks: none of it is lost, none waits while a thread is free, and they end.
@Suite struct BlockingThreadsTests {
    @Test func `a single thread does its work in the order of the calls`() async throws {
        let threads = BlockingThreads("test", count: 1)
        let order = Recorder()
        for number in 0..<2_000 { threads.run { order.add(number) } }
        let last = try await threads.value { order.numbers }
        #expect(last == Array(0..<2_000))
    }

    @Test func `as many pieces of work run side by side as there are threads`() async throws {
        let threads = BlockingThreads("test", count: 3)
        let met = DispatchSemaphore(value: 0)
        let all = DispatchSemaphore(value: 0)
        // Each of the three waits for the two others: with fewer threads this would never end.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    try await threads.value {
                        met.signal()
                        all.wait()
                    }
                }
            }
            group.addTask {
                try await BlockingThreads("other", count: 1).value {
                    for _ in 0..<3 { met.wait() }
                    for _ in 0..<3 { all.signal() }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `work from many tasks is all done, and its errors come back`() async throws {
        struct Odd: Error {}
        let threads = BlockingThreads("test", count: 4)
        let even = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<4_000 {
                group.addTask {
                    do {
                        return try await threads.value {
                            if number % 2 == 1 { throw Odd() }
                            return number
                        }
                    } catch is Odd { return 0 }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(even == (0..<4_000).filter { $0 % 2 == 0 }.reduce(0, +))
    }

    @Test func `what was asked for is done although nobody holds the threads any more, and then they end`() async throws
    {
        let name = "t-\(Int.random(in: 0..<1_000_000))"
        let done = Recorder()
        func useThreads() async throws {
            let threads = BlockingThreads(name, count: 2)
            try await threads.value {}
            while Self.threads(named: name) == 0 { await Task.yield() }
            for number in 0..<500 { threads.run { done.add(number) } }
        }
        try await useThreads()
        while done.numbers.count < 500 { await Task.yield() }
        while Self.threads(named: name) > 0 { await Task.yield() }
        #expect(done.numbers.count == 500)
    }

    @Test func `threads whose work holds what holds them end with it`() async throws {
        final class Owner: Sendable {
            let threads: BlockingThreads
            init(_ name: String) { threads = BlockingThreads(name, count: 1) }
            func work() async throws { try await threads.value { withExtendedLifetime(self) {} } }
        }
        let name = "t-\(Int.random(in: 0..<1_000_000))"
        func useOwner() async throws {
            let owner = Owner(name)
            try await owner.work()
            while Self.threads(named: name) == 0 { await Task.yield() }
            try await owner.work()
        }
        try await useOwner()
        while Self.threads(named: name) > 0 { await Task.yield() }
    }

    /// How many threads of this process have a name. While others end, the system may leave some out.
    private static func threads(named name: String) -> Int {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        return tasks.count { task in
            (try? String(contentsOfFile: "/proc/self/task/\(task)/comm", encoding: .utf8))?.hasPrefix(name) == true
        }
    }

    private final class Recorder: Sendable {
        private let state = Mutex<[Int]>([])
        var numbers: [Int] { state.withLock { $0 } }
        func add(_ number: Int) { state.withLock { $0.append(number) } }
    }
}
