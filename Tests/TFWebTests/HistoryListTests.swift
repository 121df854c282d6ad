import HummingbirdTesting
import TFEngine
import TFExpression
import Testing

@testable import TFStore
@testable import tf_web

/// What the ticket page tells of the past.
@Suite struct HistoryListTests {
    /// What an entry of a kind reads like; nil: it is not a line of its own.
    private static func sentence(_ kind: HistoryKind) -> String? {
        switch kind {
        case .submitted: "zed submitted the ticket"
        case .updated: "zed changed title: T, priority: high, due: none"
        case .attached: #"zed added <a href="/c/acme/tickets/1/attachments/f1">a file</a>"#
        case .cancellation: "zed cancelled the ticket"
        case .reopened: "zed opened the ticket again"
        case .step: nil
        case .closed: "The workflow closed the ticket: <strong>done</strong>"
        case .failed: "The workflow stopped with an error: the daemon died 2 times in a row while it handled it"
        case .cancelled: "The workflow ended, since the ticket was cancelled"
        case .stepRetry: "zed had the failed step tried again: <code>/do/0</code>"
        case .stepSkip: "zed skipped the failed step <code>/do/0</code>"
        case .assigned: "“T” went to bob: handed over by ann"
        case .claimed: "zed claimed “T”"
        case .started: "zed started “T”"
        case .held: "zed put “T” off until <time"
        case .released: "zed gave back “T”: busy"
        case .reassigned: "zed gave “T” to bob: busy"
        case .handedOver: "zed handed “T” over to bob: busy"
        case .prioritized: "zed gave “T” the priority high"
        case .completed: "zed completed “T”: <strong>Approve</strong>"
        case .answersReplaced: "zed changed the answers"
        case .tryFailed: "zed failed at “T” (try 1 of 3)"
        case .taskFailed: "“T” has failed for good after 1 try, the last of zed"
        case .leaseEnded: "No word from bob about “T”; it is tried again"
        }
    }

    private static func data(_ kind: HistoryKind) -> JSON {
        switch kind {
        case .updated: ["title": "T", "priority": "high", "due": .null]
        case .attached: ["file": "f1"]
        case .failed: ["status": "failed", "error": ["set_aside": "died", "facts": ["times": 2]]]
        case .closed, .cancelled: ["status": "done"]
        case .stepRetry, .stepSkip: ["reference": "/do/0"]
        case .step: ["reference": "/do/0", "kind": "started", "name": "a"]
        case .held: ["title": "T", "until": "2027-01-01T10:00:00Z"]
        case .completed: ["title": "T", "outcome": "approve", "label": "Approve"]
        case .tryFailed: ["title": "T", "try": 1, "of": 3]
        case .taskFailed: ["title": "T", "try": 1]
        case .prioritized: ["title": "T", "priority": "high"]
        case .assigned: ["title": "T", "to": "bob", "because": "handed_over", "by": "ann"]
        case .submitted, .cancellation, .reopened, .claimed, .started, .released, .reassigned, .handedOver,
            .answersReplaced, .leaseEnded:
            ["title": "T", "to": "bob", "reason": "busy"]
        }
    }

    @Test func `every kind of entry is told in words, with who did it`() async throws {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            _ = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: token,
                #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
        }
        try await fixture.advance()
        try await fixture.site.store.write { db in
            for kind in HistoryKind.allCases {
                try db.run(
                    """
                    INSERT INTO history (company_id, ticket_id, actor, kind, data, at_ms)
                    SELECT company_id, id, 'zed', ?, ?, 1 FROM ticket
                    """, [kind.rawValue, Self.data(kind).text])
            }
        }
        try await fixture.test { browser in
            _ = try await browser.login("tom")
            let page = try await browser.get("/c/acme/tickets/1").html
            for kind in HistoryKind.allCases {
                guard let sentence = Self.sentence(kind) else { continue }
                #expect(page.contains(" – \(sentence)"), "\(kind)")
            }
        }
    }

    @Test func `what a workflow changed is the workflow's, and what went away with somebody is nobody's deed`()
        async throws
    {
        let fixture = try await WebFixture()
        try await fixture.test { browser in
            let token = try await browser.token("uma")
            _ = try await browser.json(
                "/api/v1/companies/acme/tickets", .post, token: token,
                #"{"type":"thing","title":"T","form":{"what":"x"}}"#)
        }
        try await fixture.site.store.write { db in
            try db.run(
                """
                INSERT INTO history (company_id, ticket_id, actor, kind, data, at_ms)
                SELECT company_id, id, 'system', 'updated', '{"priority":"high"}', 1 FROM ticket
                UNION ALL
                SELECT company_id, id, 'system', 'released', '{"title":"T","because":"presence","login":"bob"}', 1
                FROM ticket
                """)
        }
        try await fixture.test { browser in
            _ = try await browser.login("tom")
            let page = try await browser.get("/c/acme/tickets/1").html
            #expect(page.contains("The workflow changed priority: high"))
            #expect(page.contains("“T” was given back: bob is away"))
        }
    }
}
