import Foundation
import TestSupport
import Testing

/// Somebody who may write into the tree of definitions lays links there, for the pages to write through.
@Suite struct SymlinkAttackTests {
    private static let task = "task: look\ndescription: one\n"

    @Test func `pages and programs write through no link, and over no other definition's file`() async throws {
        try await Processes.with { processes in
            let tree = "\(processes.directory)/workflows/acme"
            let outside = "\(processes.directory)/outside"
            let manager = FileManager.default
            try manager.createDirectory(atPath: outside, withIntermediateDirectories: true)
            try "keep".write(toFile: outside + "/file.yaml", atomically: false, encoding: .utf8)
            try manager.createDirectory(atPath: tree + "/real", withIntermediateDirectories: true)
            try manager.createSymbolicLink(atPath: tree + "/out", withDestinationPath: outside)
            try manager.createSymbolicLink(atPath: tree + "/real/deep", withDestinationPath: "../../../outside")
            try manager.createSymbolicLink(atPath: tree + "/link.yaml", withDestinationPath: outside + "/file.yaml")
            try manager.createSymbolicLink(atPath: tree + "/new.yaml", withDestinationPath: outside + "/new.yaml")

            let wanda = Visitor(processes.address)
            try await wanda.login("wanda")
            let page = "/c/acme/definitions/new"
            for path in ["out/look.yaml", "real/deep/look.yaml", "link.yaml", "new.yaml"] {
                let answer = try await wanda.show(
                    page, posting: ["source": Self.task, "path": path, "outcome": "publish"])
                #expect(answer.contains("is a symbolic link"), "\(path)")
                #expect(!answer.contains(processes.directory), "where the server has it is its own affair")
                #expect(answer.contains("description: one"), "\(path)")
            }
            #expect(try await wanda.get("/c/acme/definitions/task/look").status == 404)
            #expect(try manager.contentsOfDirectory(atPath: outside) == ["file.yaml"])
            #expect(try String(contentsOfFile: outside + "/file.yaml", encoding: .utf8) == "keep")

            // Another definition's file, and one that nothing was ever published from.
            _ = try await eventually("the definitions are published") {
                try await wanda.get("/c/acme/definitions/workflow/access-request").status == 200 ? true : nil
            }
            let listed = try await Program(processes.address, login: "wanda")
                .get("/api/v1/companies/acme/definitions")
            let path = try #require(
                listed["items"].arrayValue?.first { $0["name"] == "access-request" }?["file"].displayText)
            let file = "\(processes.directory)/workflows/\(path)"
            let before = try String(contentsOfFile: file, encoding: .utf8)
            try processes.write("task: other\nnonsense: 1\n", to: "acme/broken.yaml")
            for (path, words) in [
                (String(path.dropFirst("acme/".utf8.count)), "belongs to the"), ("broken.yaml", "There is a file"),
            ] {
                let answer = try await wanda.show(
                    page, posting: ["source": Self.task, "path": path, "outcome": "publish"])
                #expect(answer.contains(words), "\(path)")
            }
            #expect(try String(contentsOfFile: file, encoding: .utf8) == before)

            // A program cannot name a path; a link where its file would be is refused all the same.
            try manager.createSymbolicLink(
                atPath: tree + "/look.task.yaml", withDestinationPath: outside + "/look.yaml")
            let answer = try await Attacker(processes.address, login: "wanda").send(
                .PUT, "/api/v1/companies/acme/definitions/task/look", yaml: Self.task)
            #expect(answer.status == 422)
            #expect(answer.body.contains("is a symbolic link"))
            #expect(try manager.contentsOfDirectory(atPath: outside) == ["file.yaml"])
        }
    }
}
