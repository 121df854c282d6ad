import Foundation
import TFExpression
import TestSupport
import Testing

/// Both programs on a disk that fills up. What the store itself does there is in `LogBoundTests`.
@Suite(.serialized) struct FullDiskTests {
    private static let tickets = "/api/v1/companies/acme/tickets"
    private static let form = "/c/acme/tickets/new/plain"
    private static let mount = "mount -t tmpfs -o size=24m,mode=0700 tmpfs"

    @Test(.enabled(if: geteuid() == 0, "needs root, to mount a small disk"))
    func `while the disk is full nothing is acknowledged, pages are read, and all goes on when there is room`()
        async throws
    {
        let trial = TestFolder.path("disk")
        try FileManager.default.createDirectory(atPath: trial, withIntermediateDirectories: true)
        // Containers may forbid it even to root.
        guard try await Processes.shell("\(Self.mount) \(trial) && umount \(trial)").status.isSuccess else {
            try Test.cancel("this place forbids mounting a small disk, even to root")
        }
        try await Processes.with { processes in
            processes.web.stop()
            processes.daemon.stop()
            let (data, aside) = ("\(processes.directory)/var", "\(processes.directory)/aside")
            try FileManager.default.moveItem(atPath: data, toPath: aside)
            try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: false)
            let moved = try await Processes.shell("\(Self.mount) \(data) && cp -a \(aside)/. \(data)")
            #expect(moved.status.isSuccess, "\(moved.error)")
            do { try await Self.fill(processes, data) } catch { Issue.record(error) }
            processes.web.stop()
            processes.daemon.stop()
            #expect(try await Processes.shell("umount -l \(data)").status.isSuccess)
        }
    }

    private static func fill(_ processes: Processes, _ data: String) async throws {
        try processes.start("tf-daemon", processes.daemon)
        try processes.start("tf-web", processes.web)
        let site = try await eventually("tf-web serves") { try await FaultSite.make(processes) }
        let (person, reader) = (Visitor(processes.address), Visitor(processes.address))
        try await person.login("uma")
        try await reader.login("tom")
        let before = try await site.submit("before", key: "before")
        var acknowledged = [before: "before"]
        /// Takes what is left, also what the store gives back when a change was refused.
        func takeRoom() async throws {
            _ = try await Processes.shell("dd if=/dev/zero of=\(data)/filler bs=64k oflag=append conv=notrunc")
        }
        var number = 0
        let refused = try await eventually("a ticket is refused") { () -> UInt? in
            try await takeRoom()
            number += 1
            let text = "full \(number)"
            let answer = try await site.uma.post(
                tickets, ["type": "plain", "form": ["n": .string(text)]], key: text)
            guard answer.status == 201 else { return answer.status }
            acknowledged[answer.body["number"].intValue ?? 0] = text
            return nil
        }
        #expect(refused == 503)
        _ = try await eventually("what was typed is kept") {
            try await takeRoom()
            let answer = try await person.submit(form, to: form, ["f.n": "typed on a full disk"])
            return answer.status == 503 && answer.text.contains("typed on a full disk") ? true : nil
        }
        #expect(try await reader.get("/c/acme/tickets").status == 200)
        #expect(processes.web.isRunning && processes.daemon.isRunning)

        unlink("\(data)/filler")
        let after = try await site.submit("after", key: "after")
        acknowledged[after] = "after"
        for (number, text) in acknowledged {
            #expect(try await site.uma.get("\(tickets)/\(number)")["form"]["n"] == .string(text), "ticket \(number)")
            _ = try await eventually("ticket \(number) is assigned") { try await site.isAssigned(number) ? true : nil }
        }
        try await site.expectOrder()
    }
}
