import Foundation
import TFDefinition
import TFEngine
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// tf-web is killed when it has changed a definition in the store, and not its file: the store wins when the daemon reads
/// the file. Beside PostgreSQL the daemons write the files, which `CrashPointTests` kills.
@Suite(.serialized) struct DefinitionCrashTests {
    private static let old = "task: spare\ndescription: old\n"
    private static let new = "task: spare\ndescription: new\n"

    @Test func `what was retired just before a crash stays so, and its file goes before it is read`() async throws {
        try await Self.crash(at: .remove, in: "retirement", [:], wanting: nil)
    }

    @Test func `what was published just before a crash stays so, and its file is written before it is read`()
        async throws
    {
        try await Self.crash(at: .rename, in: "edit", ["source": Self.new, "outcome": "publish"], wanting: Self.new)
    }

    /// Sends a form of the definition's page to a tf-web that dies at its file, then lets both programs go on.
    /// - Parameter wanted: the text that is to be in force afterwards; nil: none.
    private static func crash(
        at point: CrashPoint, in form: String, _ fields: [String: String], wanting wanted: String?
    ) async throws {
        try await Processes.with { processes in
            let site = try await SpareDefinition(processes)
            try processes.write(old, to: SpareDefinition.file)
            _ = try await eventually("it is in force") { try await site.standing().inForce == old ? true : nil }
            processes.daemon.stop()
            processes.web.stop()
            try processes.start(
                "tf-web", processes.web, environment: ["TF_TEST_CRASH_AT": "\(point.rawValue):1"])
            let wanda = Visitor(processes.address)
            _ = try await eventually("wanda signs in") {
                try await wanda.login("wanda")
                return true
            }
            let page = "/c/acme/definitions/task/spare/\(form)"
            _ = try? await wanda.submit(page, to: page, fields)  // nobody answers
            _ = try await eventually("tf-web dies") { processes.web.isRunning ? nil : true }
            #expect(try await site.standing() == .init(inForce: wanted, inFile: old, isPending: true))

            try processes.start("tf-web", processes.web)
            try processes.start("tf-daemon", processes.daemon)
            let healed = SpareDefinition.Standing(inForce: wanted, inFile: wanted, isPending: false)
            _ = try await eventually("the file is as the store wants it") {
                try await site.standing() == healed ? true : nil
            }
            // At a further look, too.
            try processes.write("task: look-again\n", to: "acme/look-again.task.yaml")
            _ = try await eventually("the daemon has looked again") {
                try await site.definition("look-again").map { _ in true }
            }
            #expect(try await site.standing() == healed)
            // What somebody puts there is an edit.
            try processes.write(old, to: SpareDefinition.file)
            _ = try await eventually("it is in force again") { try await site.standing().inForce == old ? true : nil }
            try site.store.close()
        }
    }
}

/// The definition whose file tf-web does not come to change.
private struct SpareDefinition {
    struct Standing: Equatable {
        /// The text that is in force; nil: none is.
        let inForce: String?
        let inFile: String?
        /// Whether the file has yet to be changed.
        let isPending: Bool
    }

    static let file = "acme/spare.task.yaml"

    let store: Store
    private let company: CompanyID
    private let path: String

    init(_ processes: Processes) async throws {
        path = "\(processes.directory)/workflows/\(Self.file)"
        let store = try Store(directory: "\(processes.directory)/var", baseURL: processes.address)
        self.store = store
        company = try #require(try await store.read { try $0.company("acme") }).id
    }

    func definition(_ name: String) async throws -> DefinitionRow? {
        try await store.read(in: company) { try $0.definition(.task, name) }
    }

    func standing() async throws -> Standing {
        let row = try await definition("spare")
        let pending = try await store.read(in: company) { try $0.pendingFiles() }
        let bytes = FileManager.default.contents(atPath: path)
        return Standing(
            inForce: row.flatMap { $0.state == .retired ? nil : $0.source },
            inFile: bytes.map { String(decoding: $0, as: UTF8.self) }, isPending: !pending.isEmpty)
    }
}
