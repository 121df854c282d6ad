import Foundation
import TFExpression
import TestSupport
import Testing

/// Somebody who reaches Redis writes under our names.
@Suite(.serialized) struct RedisTypeAttackTests {
    private static let files = [
        "acme/job.ticket.yaml": ticket(role: "it-staff"), "globex/job.ticket.yaml": ticket(role: "operator"),
    ]

    private static func ticket(role: String) -> String {
        """
        ticket: job
        name: Job
        description: J
        title: Job
        assign: { role: \(role) }
        body: [ { type: input, id: what, attributes: { label: What } } ]
        """
    }

    /// Commands of redis-cli, by the key that they spoil; the type that the key has to be.
    private static let attacks: [(key: String, type: String, commands: [[String]])] = [
        ("tf:{acme}:open", "zset", [["DEL", "KEY"], ["SET", "KEY", "x"]]),
        ("tf:{acme}:avail:_any", "zset", [["DEL", "KEY"], ["HSET", "KEY", "a", "b"]]),
        ("tf:{acme}:turn:it-staff", "zset", [["DEL", "KEY"], ["LPUSH", "KEY", "x"]]),
        ("tf:{acme}:worker:dave", "hash", [["DEL", "KEY"], ["SADD", "KEY", "x"]]),
        ("tf:{acme}:seq", "string", [["SET", "KEY", "many"]]),
        ("tf:{acme}:hwm", "string", [["DEL", "KEY"], ["ZADD", "KEY", "1", "x"]]),
        ("tf:{acme}:stat", "hash", [["DEL", "KEY"], ["XADD", "KEY", "*", "a", "b"]]),
        ("queue:acme._unassigned.any", "list", [["DEL", "KEY"], ["SET", "KEY", "x"]]),
        ("queues", "set", [["DEL", "KEY"], ["SET", "KEY", "x"]]),
    ]

    @Test func `whatever is done to our keys is put right and told, and other companies' work goes on`() async throws {
        try await Processes.with { processes in
            for (name, text) in Self.files {
                try text.write(toFile: "\(processes.directory)/workflows/\(name)", atomically: true, encoding: .utf8)
            }
            let people = [
                "acme": try await Attacker(processes.address, login: "uma"),
                "globex": try await Attacker(processes.address, login: "gus"),
            ]
            for (company, person) in people {
                _ = try await eventually("jobs are offered in \(company)") {
                    try await person.get("/api/v1/companies/\(company)/ticket-types/job").status == 200 ? true : nil
                }
            }
            let ada = try await Attacker(processes.address, login: "ada")
            @Sendable func submit(_ company: String) async throws {
                let body: JSON = ["type": "job", "form": ["what": "x"]]
                let made = try await people[company]?.send(.POST, "/api/v1/companies/\(company)/tickets", body)
                let number = try #require(made?.json["number"].intValue)
                _ = try await eventually("somebody of \(company) gets the task of ticket \(number)") {
                    let path = "/api/v1/companies/\(company)/tasks?ticket=\(number)&state=assigned"
                    return try await ada.get(path).json["items"].arrayValue?.isEmpty == false ? true : nil
                }
            }
            for company in people.keys { try await submit(company) }
            for (key, _, commands) in Self.attacks {
                for command in commands { _ = try await processes.redis(command.map { $0 == "KEY" ? key : $0 }) }
            }
            // The broken company's neighbour gets its work meanwhile, and then the company itself.
            try await submit("globex")
            try await submit("acme")
            _ = try await eventually("every key is right, and told of") {
                let status = try JSON(parsing: try await processes.run("tf-daemon", ["status", "--json"]))
                let mended = Set((status["mended_keys"].arrayValue ?? []).map { $0["key"].displayText })
                return mended.isSuperset(of: Self.attacks.map(\.key)) && status["wrong_keys"] == [] ? true : nil
            }
            for (key, type, _) in Self.attacks {
                let found = try await processes.redis(["TYPE", key])
                #expect([type, "none"].contains(found), "\(key)")
            }
            _ = try await processes.redis(["EXPIRE", "tf:{acme}:epoch", "900"])
            _ = try await eventually("the epoch stays") {
                try await processes.redis(["TTL", "tf:{acme}:epoch"]) == "-1" ? true : nil
            }
            let text = try await processes.run("tf-daemon", ["status"])
            #expect(text.contains("tf:{acme}:open was a string instead of a zset"))
            let log = try String(contentsOfFile: processes.log, encoding: .utf8)
            for (key, _, _) in Self.attacks { #expect(log.contains(key), "the log names \(key)") }
        }
    }
}
