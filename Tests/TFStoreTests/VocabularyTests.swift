import Foundation
import TFDefinition
import TFEngine
import TestSupport
import Testing

@testable import TFStore

/// A word that the program knows and the schema does not, or the other way round, is found here.
@Suite(.onBothEngines) struct VocabularyTests {
    /// What the columns hold that only take words of ours.
    private static let words: [String: [String]] = [
        "account.kind": words(Account.Kind.self),
        "account_role.role": words(SystemRole.self),
        "audit.action": words(AuditAction.self),
        "definition.kind": words(DefinitionKind.self),
        "definition.state": words(DefinitionRow.State.self),
        "diagram.refused": words(DrawnDiagram.Refusal.self),
        "instance_event.kind": words(InstanceEventKind.self),
        "instance_event.set_aside": words(SetAsideReason.Code.self),
        "history.kind": words(HistoryKind.self),
        "failing_part.name": words(DaemonPart.self),
        "http_call.state": words(HTTPCallState.self),
        "instance.set_aside": words(SetAsideReason.Code.self),
        "instance.status": words(InstanceState.Status.self),
        "mended_key.finding": words(MendedKey.Finding.self),
        "membership.plan_handover": words(AbsenceHandover.self),
        "membership_limit.role": words(SystemRole.self),
        "notice_setting.kind": words(NoticeKind.self),
        "notification.kind": words(NoticeKind.self),
        "outbox.kind": words(OutboxKind.self),
        "password_link.kind": words(PasswordLinkKind.self),
        "problem.severity": words(Diagnostic.Severity.self),
        "saved_view.list": words(SavedView.List.self),
        "schedule.set_aside": words(SetAsideReason.Code.self),
        "search_text.kind": words(SearchKind.self),
        "session.ended_because": words(SessionEnd.self),
        "session.purpose": words(Session.Purpose.self),
        "task.kind": words(WorkerKind.self),
        "task.priority": words(Priority.self),
        "task.state": words(TaskState.self),
        "task.strategy": words(AssignmentStrategy.self),
        "task.waiting_reason": words(WaitingReason.Code.self),
        "ticket.priority": words(Priority.self),
        "ticket.state": words(TicketState.self),
    ]

    private static func words<Word: CaseIterable & RawRepresentable<String>>(_ type: Word.Type) -> [String] {
        type.allCases.map(\.rawValue)
    }

    /// By table and column, the words of every CHECK that lists some.
    private static func checks(_ session: ReadSession) throws -> [String: [String]] {
        var checks: [String: [String]] = [:]
        for table in try session.all(Row.self, "SELECT name, sql FROM sqlite_master WHERE type = 'table'") {
            let sql: String = table["sql"] ?? ""
            for check in sql.matches(of: /(\w+)\s+IN\s+\(\s*('[^)]*)\)/) {
                checks["\(table["name"] as String).\(check.1)"] = check.2.split(separator: ",").map {
                    $0.trimmingCharacters(in: .whitespacesAndNewlines.union(["'"]))
                }
            }
        }
        return checks
    }

    @Test(.onlySQLite)
    func `the schema takes the words that the program knows, and each list of its words is an enum's`()
        async throws
    {
        let checks = try await TestStore().store.read { session in try Self.checks(session) }
        #expect(Set(checks.keys) == Set(Self.words.keys))
        for (column, words) in Self.words {
            #expect(checks[column]?.sorted() == words.sorted(), "\(column)")
        }
    }

    @Test func `every reason for which a task waits comes back from the store, and reads as a sentence`() {
        let reasons: [WaitingReason] = [
            .queue, .paused, .claim, .nobodyNamed, .nobodyToAsk, .excluded(login: "bob"), .notThere(login: "bob"),
            .undeliverable, .nextTry(error: "no", number: 2, of: 3, at: 1_795_366_430_000), .leaseEnded(login: "p0"),
            .released(by: "bob"), .rightLost(login: "bob"), .wentAway(login: "bob"),
            .noneEligible(role: "boss", excluded: 1), .noneAvailable(role: nil, away: 2, excluded: 0),
        ]
        #expect(Set(reasons.map(\.code)) == Set(WaitingReason.Code.allCases))
        for reason in reasons {
            #expect(WaitingReason(reason.code, facts: reason.facts ?? .null) == reason)
            #expect(!reason.sentence(kind: .person, strategy: .shortestQueue).isEmpty)
        }
        #expect(
            WaitingReason.noneAvailable(role: "boss", away: 2, excluded: 1).sentence(
                kind: .person, strategy: .shortestQueue)
                == "nobody with the role boss is available: the 2 others are away, and 1 is excluded or gave it back")
        for (away, excluded, words) in [
            (1, 0, "the only one is away"), (1, 1, "the only other one is away, and 1 is excluded or gave it back"),
            (3, 0, "all 3 are away"), (2, 2, "the 2 others are away, and 2 are excluded or gave it back"),
        ] {
            let reason = WaitingReason.noneAvailable(role: nil, away: away, excluded: excluded)
            #expect(
                reason.sentence(kind: .person, strategy: .roundRobin)
                    == "nobody in the company is available: \(words)")
        }
        #expect(
            WaitingReason.noneEligible(role: nil, excluded: 1).sentence(kind: .person, strategy: .roundRobin)
                == "nobody in the company may have it: the only one is excluded or gave it back")
        #expect(
            WaitingReason.leaseEnded(login: "p0").sentence(kind: .service, strategy: .person)
                == "the lease of p0 ended; a ticket admin must assign it")
        #expect(
            WaitingReason.released(by: "bob").sentence(kind: .person, strategy: .person, names: ["bob": "Bob Bauer"])
                == "released by Bob Bauer; a ticket admin must assign it")
    }

    @Test func `what an entry of the audit log is about comes back from its text`() {
        let subjects: [(subject: AuditSubject, text: String, action: AuditAction)] = [
            (.user("bob"), "user bob", .userChanged), (.user(""), "user ", .signInFailed),
            (.user("b o b"), "user b o b", .signInFailed), (.company("acme"), "company acme", .companyAdded),
            (.role("staff"), "role staff", .roleDeclared), (.ticket(7), "ticket 7", .adminReadTicket),
            (.task(8), "task 8", .adminReadTask),
            (.definition(.ticket, name: "keys"), "ticket keys", .definitionPublished),
            (.definition(.task, name: "7"), "task 7", .definitionRetired),
            (.definition(.ticket, name: "7"), "ticket 7", .definitionBroughtBack),
            (.definition(.workflow, name: "report"), "workflow report", .definitionPublished),
            (.session("s1"), "session s1", .refreshTokenReused), (.signingKey("k1"), "key k1", .keysRotated),
            (.auditLog, "audit log", .entriesRemoved), (.request("GET /c/acme"), "GET /c/acme", .refused),
        ]
        for (subject, text, action) in subjects {
            #expect(subject.text == text)
            #expect(AuditSubject(text, of: action) == subject)
            #expect(AuditSubject(text).text == text, "a filter finds it")
        }
        #expect(AuditSubject("task 007").text == "task 007")
    }

    @Test func `every reason for which somebody has a task comes back from the store, and reads as a sentence`() {
        let workers = WorkerCount(eligible: 3, available: 2, excluded: 1)
        let reasons: [ChoiceReason] = [
            .shortestList(available: 2, length: 1), .turn(available: 2), .preferred, .chosenBefore, .claimed,
            .addressed, .requester, .named, .asked(people: 3), .handedOver(by: "bob"), .given(by: "dave"),
        ]
        #expect(Set(reasons.map(\.code)) == Set(ChoiceReason.Code.allCases))
        for reason in reasons {
            #expect(ChoiceReason(.object(reason.members)) == reason)
            #expect(!reason.sentence.isEmpty)
            let choice = RuleChoice(
                because: reason, length: 1, following: [.init(login: "erin", length: 4)], workers: workers)
            for decision in [WorkerChoice.chosen("bob", because: reason), .byRule("bob", choice)] {
                #expect(WorkerChoice(decision.json) == decision)
                #expect(decision.because == reason)
            }
        }
        #expect(WorkerChoice(WorkerChoice.nobody(workers).json) == .nobody(workers))
        #expect(WorkerChoice(["chosen": "bob", "because": "for a reason that is none"]) == nil)
        #expect(
            ChoiceReason.shortestList(available: 2, length: 1).sentence
                == "the shortest list of 2 available: 1 open task")
    }

    @Test func `every reason for which a try failed comes back from the store, and reads as a sentence`() {
        let failures: [TaskFailure] = [
            .reported(title: "disk full", detail: "sda1"), .reported(title: "disk full", detail: nil),
            .leaseEnded(login: "etl", at: 1_795_366_430_000),
        ]
        #expect(Set(failures.map(\.kind)) == Set(TaskFailure.Kind.allCases))
        for failure in failures {
            #expect(TaskFailure(failure.json) == failure)
            #expect(!failure.title.isEmpty)
        }
        #expect(failures[0].problem == ["title": "disk full", "detail": "sda1"])
        #expect(failures[2].detail == "the lease of etl ended at 2026-11-22T16:53:50Z")
        #expect(TaskFailure("for a reason that is none") == nil)
    }

    @Test func `every reason for which something is set aside comes back from the store, and reads as a sentence`() {
        let reasons: [SetAsideReason] = [
            .died(times: 2), .event(error: "no"), .moment(error: "no"), .request(error: "no"), .start(error: "no"),
            .filters,
        ]
        #expect(Set(reasons.map(\.code)) == Set(SetAsideReason.Code.allCases))
        for reason in reasons {
            #expect(SetAsideReason(reason.code, facts: reason.facts ?? .null) == reason)
            #expect(!reason.sentence.isEmpty)
        }
    }
}
