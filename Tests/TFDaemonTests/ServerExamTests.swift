import Testing

@testable import TFStore
@testable import tf_daemon

/// What `doctor` says of a PostgreSQL.
@Suite struct ServerExamTests {
    private static func findings(
        commit: String = "on", names: String = "north", standbys: Int = 1, synchronous: Int? = 1, ahead: Int64 = 20,
        closed: [String] = [], foreign: [String] = [], mayCreate: Bool = true,
        pooling: PostgresCondition.Pooling = .none
    ) -> [String: Finding] {
        let condition = PostgresCondition(
            version: "15.18", collation: "C, UTF8", synchronousCommit: commit, standbyNames: names,
            standbys: PostgresCondition.Standbys(all: standbys, synchronous: synchronous), clockAheadMs: ahead,
            account: "tf", closedTables: closed, foreignTables: foreign, mayCreate: mayCreate, pooling: pooling)
        return Dictionary(uniqueKeysWithValues: ServerExam(condition: condition).findings.map { ($0.subject, $0) })
    }

    @Test func `a server that is as it should be has no fault`() {
        let findings = Self.findings()
        #expect(findings.values.allSatisfy { $0.verdict == .ok })
        #expect(findings["standby"]?.text == "1 connected, 1 of them synchronous")
        #expect(findings["server clock"]?.text == "20 ms ahead of this machine's")
    }

    @Test(
        arguments: [
            ("durability", .fault, "RESET synchronous_commit", findings(commit: "off")["durability"]),
            ("standby", .note, "synchronous_standby_names", findings(names: "", standbys: 0)["standby"]),
            ("standby", .note, "synchronous_commit to on", findings(commit: "local")["standby"]),
            ("standby", .note, "GRANT pg_monitor TO tf", findings(synchronous: nil)["standby"]),
            ("standby", .fault, "start one of north", findings(standbys: 0, synchronous: 0)["standby"]),
            ("server clock", .fault, "timedatectl", findings(ahead: -1_500)["server clock"]),
            ("rights", .fault, "TO tf", findings(closed: ["a", "b", "c", "d"])["rights"]),
            ("rights", .fault, "the owner of the database", findings(foreign: ["ticket"])["rights"]),
            ("rights", .fault, "the owner of the database", findings(mayCreate: false)["rights"]),
            ("sessions", .note, "pool_mode = session", findings(pooling: .sessions)["sessions"]),
            ("sessions", .fault, "pool_mode = session", findings(pooling: .transactions)["sessions"]),
        ] as [(String, Finding.Verdict, String, Finding?)])
    func `what is not is told with its remedy`(
        _ subject: String, _ verdict: Finding.Verdict, _ remedy: String, _ finding: Finding?
    ) throws {
        let finding = try #require(finding)
        #expect(finding.subject == subject && finding.verdict == verdict)
        #expect(try #require(finding.remedy).contains(remedy))
    }
}
