import Foundation
import TestSupport
import Testing

@testable import TFStore

/// The faults themselves.
extension FaultSite {
    func inflict(_ fault: FaultTableTests.Fault) async throws {
        switch fault {
        case .daemonKilled: try restart("tf-daemon", processes.daemon)
        case .webKilled: try restart("tf-web", processes.web)
        case .redisKilled: try killRedis()
        case .allKilled:
            try killRedis()
            processes.web.kill()
            try restart("tf-daemon", processes.daemon)
            try processes.start("tf-web", processes.web)
        case .flushed: _ = try await processes.redis("FLUSHALL")
        case .hung: _ = try await processes.redis("DEBUG", "SLEEP", "\(FaultTableTests.hang)")
        case .junk:
            for key in ["tf:{acme}:open", "tf:{acme}:avail:_any", "queue:acme.dave"] {
                _ = try await processes.redis("SET", key, "junk")
            }
        case .locked: try await lock(.seconds(5))
        case .lockedLong: try await lock(.seconds(60))
        case .unwritable: try await failWrites(for: .seconds(FaultTableTests.isWhole ? 10 : 1))
        case .stopped: try await stopLeader()
        case .clockBack: try await setClock(leaseLaterBy: 30 * 86_400_000)
        case .clockForward: try await setClock(leaseLaterBy: -2 * 86_400_000)
        case .part: try await breakPart()
        case .fifo: try await replaceDefinition()
        case .broken: try await breakDefinition()
        case .removed: try await removeDefinition()
        case .moved: try await replaceDirectory()
        case .overflow: try await overflow()
        case .servers: try await askBadServers()
        case .memory: try await capMemory()
        case .poison: try await poison()
        case .claims: try await claimAtOnce()
        case .pressure: try await press(for: .seconds(60))
        case .idle: try await connectIdly()
        case .dripping: try await drip()
        }
    }

    private func restart(_ program: String, _ box: ProcessBox) throws {
        box.kill()
        try processes.start(program, box)
    }

    private func killRedis() throws {
        let text = try String(contentsOfFile: "\(processes.directory)/var/redis.pid", encoding: .utf8)
        kill(try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines))), SIGKILL)
    }

    private func stopLeader() async throws {
        let standby = ProcessBox()
        defer { standby.stop() }
        try processes.start("tf-daemon", standby)
        let store = try openStore()
        defer { try? store.close() }  // it was only read
        let before = try await store.read { try $0.leaderLease() }
        processes.daemon.signal(SIGSTOP)
        defer { processes.daemon.signal(SIGCONT) }
        _ = try await eventually("the standby leads") {
            try await store.read { try $0.leaderLease() }?.epoch != before?.epoch ? true : nil
        }
    }

    /// As if the clock had been set since the daemon died: the lease in the store was renewed so much later.
    private func setClock(leaseLaterBy milliseconds: Int64) async throws {
        processes.daemon.kill()
        let store = try openStore()
        try await store.write { session in
            guard let lease = try session.leaderLease() else { throw StoreError.notLeader }
            _ = try session.lead(as: lease.holder, now: lease.renewedAtMs + milliseconds)
        }
        try store.close()
        try processes.start("tf-daemon", processes.daemon)
    }

    private func breakPart() async throws {
        let (tree, aside) = ("\(processes.directory)/workflows", "\(processes.directory)/aside")
        processes.daemon.stop()
        try FileManager.default.moveItem(atPath: tree, toPath: aside)
        try "".write(toFile: tree, atomically: true, encoding: .utf8)
        try processes.start("tf-daemon", processes.daemon)
        defer {
            try? FileManager.default.removeItem(atPath: tree)  // then the move below fails, and with it the test
            try? FileManager.default.moveItem(atPath: aside, toPath: tree)
        }
        let number = try await submit("while a part is broken", key: "while a part is broken")
        _ = try await eventually("the others work") { try await isAssigned(number) ? true : nil }
    }

    /// What ran stays in force while its file is none that may be read.
    private func replaceDefinition() async throws {
        let file = "\(processes.directory)/workflows/acme/plain.ticket.yaml"
        let aside = "\(processes.directory)/plain.aside"
        try FileManager.default.moveItem(atPath: file, toPath: aside)
        defer {
            unlink(file)
            try? FileManager.default.moveItem(atPath: aside, toPath: file)  // else the next fault's tickets are refused
        }
        for replace in [{ mkfifo(file, 0o600) }, { symlink("/etc/passwd", file) }] {
            try #require(replace() == 0)
            let number = try await submit("while it is no file", key: UUID().uuidString)
            _ = try await eventually("it is still handled") { try await isAssigned(number) ? true : nil }
            unlink(file)
        }
    }

    private func connectIdly() async throws {
        let idle = DescriptorTests.connections(FaultTableTests.connections, to: processes.port)
        defer { for socket in idle { close(socket) } }
        _ = try await submit("among the idle", key: "among the idle")
    }

    private func drip() async throws {
        let dripping = DescriptorTests.connections(FaultTableTests.connections, to: processes.port)
        defer { for socket in dripping { close(socket) } }
        let text = Array("POST /login HTTP/1.1\r\nHost: localhost:\(processes.port)\r\nX: ".utf8)
        for second in 0..<5 {
            for byte in second * 10..<second * 10 + 10 {
                for socket in dripping {
                    _ = [text[byte % text.count]].withUnsafeBytes {
                        send(socket, $0.baseAddress, 1, Int32(MSG_NOSIGNAL))
                    }
                }
                try await Task.sleep(for: .milliseconds(100))
            }
            _ = try await submit("among those that drip \(second)", key: "among those that drip \(second)")
        }
    }
}
