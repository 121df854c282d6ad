import HTTPTypes
import HummingbirdTesting
import TFDefinition
import TFStore
import TestSupport
import Testing

@testable import tf_web

@Suite struct RetiredVersionTests {
    private static func workflow(_ name: String, calling task: String) -> String {
        """
        document: { dsl: '1.0.3', namespace: acme, name: \(name), version: '1.0.0' }
        do: [ { ask: { call: '\(task)' } } ]
        """
    }

    @Test func `a version that comes back beside another one in force names what calls it by its number`() async throws
    {
        let fixture = try await WebFixture()
        let newer = "task: approve\nversion: 2.0.0\n"
        let (pinned, file) = (Self.workflow("pinned", calling: "approve:2.0.0"), "pinned.workflow.yaml")
        let kept = [
            "one.task.yaml": "task: approve\nversion: 1.0.0\n",
            "free.workflow.yaml": Self.workflow("free", calling: "approve"),
        ]
        try await fixture.publish(kept.merging(["two.task.yaml": newer, file: pinned]) { $1 })
        // As the daemon keeps it when the newer version is gone.
        let parsed = Definition.parse(Array(pinned.utf8), file: file, company: "acme")
        let incomplete = try #require(Publication(parsed, source: pinned, file: file, isComplete: false))
        let publications = try kept.map { try Publication($1, file: $0, company: "acme") } + [incomplete]
        _ = try await fixture.site.store.inside(fixture.acme.id).publish(
            publications, keeping: ["a.ticket.yaml"], problems: [], now: fixture.site.now)
        try await fixture.test { browser in
            try await browser.become("wanda")
            let revision = Definition.revision(of: Array(newer.utf8))
            let page = "/c/acme/definitions/task/approve/revisions/\(revision)/publication"
            let asked = try await browser.get(page).html
            #expect(asked.contains("“Pinned” uses it, and is offered again if nothing else is missing."), "\(asked)")
            #expect(!asked.contains("“Free” uses it"), "\(asked)")
        }
    }
}
