import Foundation
import TestSupport
import Testing

/// Machines with a tree of definitions of their own, on one PostgreSQL.
@Suite(.onPostgres) struct OwnTreeTests {
    private static func task(_ description: String) -> String {
        "task: extra\ndescription: \(description)\noutcomes: [done]\n"
    }

    @Test func `what a page saves comes into the tree of the machine that leads the company, and goes on from there`()
        async throws
    {
        let url = try #require(try await TestEngine.url(TestFolder.path("record")))
        try await TestRedis.with { redis in
            try await Processes.with(redisURL: redis.address, storeURL: url) { processes in
                let here = processes.directory
                let there = TestFolder.path("other")
                let wanda = try await Program(processes.address, login: "wanda")
                let path = "/api/v1/companies/acme/definitions/task/extra"
                func text(_ directory: String) -> String? {
                    try? String(contentsOfFile: directory + "/workflows/acme/extra.task.yaml", encoding: .utf8)
                }
                func expect(_ description: String, in directory: String) async throws {
                    _ = try await eventually("\(directory) has the text \(description)") {
                        text(directory) == Self.task(description) ? true : nil
                    }
                }
                #expect(try await wanda.put(path, yaml: Self.task("first")) == 201)
                try await expect("first", in: here)

                // Another machine with nothing but the master key takes over.
                let second = ProcessBox()
                defer { second.stop() }
                try second.start(
                    Processes.path("tf-daemon"),
                    [
                        "--store-url", url, "--data", there + "/var", "--definitions", there + "/workflows",
                        "--master-key-file", here + "/var/keys/master.key", "--redis-url", redis.address,
                        "--log-level", "warning",
                    ], log: processes.log)
                processes.daemon.stop()
                try await expect("first", in: there)
                let files = try FileManager.default.subpathsOfDirectory(atPath: here + "/workflows")
                for file in files where file.hasSuffix(".yaml") {
                    let original = try String(contentsOfFile: "\(here)/workflows/\(file)", encoding: .utf8)
                    _ = try await eventually("\(file) is there") {
                        let copy = try? String(contentsOfFile: "\(there)/workflows/\(file)", encoding: .utf8)
                        return copy == original ? true : nil
                    }
                }
                #expect(try await wanda.put(path, yaml: Self.task("second")) == 200)
                try await expect("second", in: there)
                try Self.task("third").write(
                    toFile: there + "/workflows/acme/extra.task.yaml", atomically: true, encoding: .utf8)
                _ = try await eventually("the edited file is published") {
                    try await wanda.source(path) == Self.task("third") ? true : nil
                }

                // The first machine's file is an old one now.
                #expect(text(here) == Self.task("first"))
                try processes.start("tf-daemon", processes.daemon)
                second.stop()
                try await expect("third", in: here)
                second.stop()
            }
        }
    }
}
