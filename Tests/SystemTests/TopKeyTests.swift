import Foundation
import TFExpression
import TestSupport
import Testing

@testable import TFStore

/// `tf-daemon top` on a terminal, with somebody who presses its keys.
@Suite(.serialized) struct TopKeyTests {
    /// What the screen shows in place of what was waited for.
    private struct OtherPicture: Error {
        let lines: [String]
    }

    /// Waits until a company's line on the screen is as wanted.
    private static func wait(
        _ what: String, _ terminal: PseudoTerminal, _ company: String, _ isRight: (String) -> Bool
    ) async throws {
        _ = try await eventually(what) { () -> Bool? in
            let picture = terminal.picture
            // A mark and a number stand before the name.
            guard let line = picture.first(where: { $0.dropFirst(4).hasPrefix("\(company) ") }), isRight(line) else {
                throw OtherPicture(lines: picture)
            }
            return true
        }
    }

    @Test func `keys choose a company, pause it and let it go on, and the terminal is given back`() async throws {
        try await Processes.with { processes in
            let site = try await FaultSite.make(processes)
            func paused() async throws -> [String] {
                let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
                return (status["paused"].arrayValue ?? []).map(\.displayText)
            }
            let terminal = try PseudoTerminal()
            let top = ProcessBox()
            defer { top.kill() }
            try processes.start("tf-daemon", ["top", "--interval", "1"], top, on: terminal)
            try await Self.wait("the first company is chosen", terminal, "acme") { $0.hasPrefix("> 1") }
            #expect(terminal.picture.last?.contains("p: pause") == true)
            #expect(!terminal.isAsFound, "keys come at once, and are not shown")

            try terminal.press("p")
            try await Self.wait("its pause is shown", terminal, "acme") { $0.hasSuffix("  paused") }
            #expect(try await paused() == ["acme"])
            let ticket = try await site.submit("while it is paused", key: "while it is paused")
            try await Self.wait("the task is shown with nobody", terminal, "acme") { $0.contains(/acme +0 +1\s/) }
            _ = try await eventually("Redis has it with nobody") {
                try await processes.redis("LLEN", "queue:acme._unassigned.it-staff") == "1" ? true : nil
            }

            try terminal.press("r")
            try await Self.wait("that it goes on, and with somebody, is shown", terminal, "acme") { line in
                !line.hasSuffix("paused") && line.contains(/acme +1 +0\s/)
            }
            #expect(try await paused() == [])
            _ = try await eventually("Redis has it with somebody") {
                try await processes.redis("HGET", "tf:{acme}:stat", "assigned") == "1" ? true : nil
            }
            #expect(try await site.isAssigned(ticket))

            // The arrow down, and the pause directly after it.
            try terminal.press("\u{1B}[Bp")
            try await Self.wait("the pause of the second is shown", terminal, "globex") { line in
                line.hasPrefix("> 2") && line.hasSuffix("  paused")
            }
            try await Self.wait("the first is as it was", terminal, "acme") { line in
                line.hasPrefix("  1") && !line.hasSuffix("paused")
            }
            #expect(try await paused() == ["globex"])

            let store = try site.openStore()
            defer { try? store.close() }  // it was only read
            let noted = try await store.read { session in
                try session.all(
                    String.self,
                    """
                    SELECT action || ' ' || subject FROM audit
                    WHERE action LIKE 'assignment-%' AND actor LIKE 'command line (%' ORDER BY id
                    """)
            }
            let expected = ["paused company acme", "resumed company acme", "paused company globex"]
            #expect(noted == expected.map { "assignment-\($0)" })

            try terminal.press("q")
            _ = try await eventually("it ends") { top.isRunning ? nil : true }
            #expect(top.exitStatus == 0)
            #expect(terminal.isAsFound)
            _ = try await eventually("the screen before it is back") {
                terminal.text.hasSuffix("\u{1B}[?25h\u{1B}[?1049l") ? true : nil
            }
        }
    }
}
