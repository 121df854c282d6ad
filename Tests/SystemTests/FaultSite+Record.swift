import Foundation
import TestSupport
import Testing

/// Faults of the record and of what the machine gives the programs.
extension FaultSite {
    /// Another process has the store locked. Pages are read; what is sent meanwhile waits, or comes back with what was
    /// typed.
    func lock(_ length: Duration) async throws {
        let person = Visitor(processes.address)
        try await person.login("uma")
        // Signing in is a change, and would wait.
        let reader = Visitor(processes.address)
        try await reader.login("tom")
        let locker = try await StoreLocker.lock("\(processes.directory)/var")
        let end = ContinuousClock.now + length
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { locker.stop() }
                try await Task.sleep(until: end)
            }
            group.addTask { [cookies = reader.cookies] in
                try await read(as: Visitor(processes.address, cookies: cookies), until: end)
            }
            let typed = "typed while it is locked"
            let answer = try await person.submit(
                "/c/acme/tickets/new/plain", to: "/c/acme/tickets/new/plain", ["f.n": typed])
            // The programs wait for half a minute.
            #expect(answer.status == (length > .seconds(40) ? 503 : 303), "\(answer.text)")
            #expect(answer.status == 303 || answer.text.contains(typed), "what was typed is kept")
            try await group.waitForAll()
        }
    }

    /// Looks at a page again and again, none of which may fail.
    private func read(as reader: Visitor, until end: ContinuousClock.Instant) async throws {
        repeat {
            #expect(try await reader.get("/c/acme/tickets").status == 200)
            try await Task.sleep(for: .milliseconds(100))
        } while ContinuousClock.now < end
    }

    /// Every write to a file fails, as on a broken disk: nothing is acknowledged, and pages are read.
    func failWrites(for length: Duration) async throws {
        let reader = Visitor(processes.address)
        try await reader.login("tom")
        let boxes = [processes.daemon, processes.web]
        for box in boxes { try await limit(box, "--fsize=0:") }
        let text = "while no write works"
        let end = ContinuousClock.now + length
        repeat {
            let answer = try await uma.post(
                "/api/v1/companies/acme/tickets", ["type": "plain", "form": ["n": .string(text)]], key: text)
            #expect(answer.status == 503, "\(answer.body)")
            #expect(try await reader.get("/c/acme/tickets").status == 200)
        } while ContinuousClock.now < end
        for box in boxes { try await limit(box, "--fsize=unlimited:") }
        #expect(processes.daemon.isRunning && processes.web.isRunning)
        _ = try await submit(text, key: text)
    }

    /// Both programs get hardly more memory than they have, while many sign in, each of which takes 128 MB. What ends by
    /// that is started again, as by systemd.
    func capMemory() async throws {
        let programs = [("tf-daemon", processes.daemon), ("tf-web", processes.web)]
        for (_, box) in programs {
            try await limit(box, "--as=\(try addressSpace(of: box) + 96 << 20):")
        }
        let signedIn = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 { group.addTask { await canSignIn() } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(signedIn < 16 || !processes.web.isRunning, "there is too little memory for all")
        for (program, box) in programs {
            if box.isRunning {
                try await limit(box, "--as=unlimited:")
            } else {
                try processes.start(program, box)
            }
        }
        _ = try await eventually("people sign in again") { await canSignIn() ? true : nil }
    }

    private func canSignIn() async -> Bool {
        let person = Visitor(processes.address)
        do {
            try await person.login("tom")
            return try await person.get("/account").status == 200
        } catch {
            return false  // the program has ended
        }
    }

    private func addressSpace(of box: ProcessBox) throws -> Int {
        let text = try String(contentsOfFile: "/proc/\(box.id)/statm", encoding: .utf8)
        return try #require(text.split(separator: " ").first.flatMap { Int($0) }) * Int(getpagesize())
    }

    /// Sets a soft limit of a program that runs, in the words of prlimit(1).
    private func limit(_ box: ProcessBox, _ limit: String) async throws {
        let result = try await Processes.shell("prlimit --pid \(box.id) \(limit)")
        #expect(result.status.isSuccess, "\(result.error)")
    }

    /// As many tickets as the machine bears: the log stays small, and pages are shown.
    func press(for length: Duration) async throws {
        let end = ContinuousClock.now + length
        let (largest, pages, tickets) = try await withThrowingTaskGroup(of: Pressure.self) { group in
            for lane in 0..<8 {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        let text = "pressed \(lane) \(count)"
                        _ = try await submit(text, key: text)
                        count += 1
                    }
                    return .tickets(count)
                }
            }
            group.addTask {
                let reader = Visitor(processes.address)
                try await reader.login("tom")
                var pages: [Duration] = []
                while ContinuousClock.now < end {
                    for page in ["/c/acme/tickets", "/c/acme/tickets/1"] {
                        let start = ContinuousClock.now
                        #expect(try await reader.get(page).status == 200)
                        pages.append(start.duration(to: .now))
                        try await Task.sleep(for: .milliseconds(50))
                    }
                }
                return .pages(pages)
            }
            group.addTask {
                var largest = 0
                while ContinuousClock.now < end {
                    largest = max(largest, logBytes)
                    try await Task.sleep(for: .milliseconds(50))
                }
                return .log(largest)
            }
            var sum = (log: 0, pages: [Duration](), tickets: 0)
            for try await pressure in group {
                switch pressure {
                case .tickets(let count): sum.tickets += count
                case .pages(let pages): sum.pages = pages.sorted()
                case .log(let bytes): sum.log = bytes
                }
            }
            return sum
        }
        try #require(!pages.isEmpty)
        let (middle, late) = (pages[pages.count / 2], pages[pages.count * 95 / 100])
        print(
            "highest load: \(tickets) tickets, log at most \(largest >> 20) MiB, pages p50 \(middle), p95 \(late), "
                + "slowest \(pages[pages.count - 1])")
        #expect(largest <= 64 << 20)
        #expect(late <= .seconds(1))
        let stored = try await storedForms(of: "pressed")
        #expect(Set(stored).count == tickets && stored.count == tickets, "each is there once")
    }

    /// Waits until the log has shrunk. It does so when nobody has written much for a minute, and readers who are in the
    /// way put it off by another one.
    func expectSmallLog() async throws {
        _ = try await eventually("the log shrinks", tries: 3_000) { logBytes <= 4 << 20 ? true : nil }
    }

    /// The length of the write-ahead log's file. One that was emptied may be missing.
    private var logBytes: Int {
        let log = "\(processes.directory)/var/store.db-wal"
        let size = try? FileManager.default.attributesOfItem(atPath: log)[.size] as? Int
        return size ?? 0
    }

    private enum Pressure: Sendable {
        case tickets(Int)
        case pages([Duration])
        case log(Int)
    }
}
