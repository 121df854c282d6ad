import Foundation
import Logging
import Subprocess
import TFConfiguration
import TFDefinition
import TFStore

/// Draws each revision of a workflow once, after it was published: outside of any transaction, one after the other.
///
/// Publication does not wait for it. Whatever comes of a revision is kept with it, so that nothing is drawn when somebody
/// looks at a page, and nothing that could not be drawn is tried again.
struct DiagramPainter {
    private static let limitBytes = 512 << 10
    /// How long to wait for free descriptors, or for a program that is not installed.
    private static let pause = Duration.seconds(5)
    /// What a shell says where there is no such program, or none that can be run. Source: POSIX, 2.8.2.
    private static let noProgram: [Int32] = [126, 127]

    let store: Store
    /// Rung when anything is committed.
    let wake: Wake
    let logger: Logger
    /// The program, by its name or path.
    var program = "dot"
    /// Workflows as people write them take less than a second; one with as many ways across each other would take minutes.
    var limits = ProcessLimits(processorSeconds: 5, kilobytes: 1_000_000, patience: .seconds(20))

    func run(_ leader: Leadership) async throws {
        var last: Int64 = 0
        var isWaiting = false
        for await _ in wake.rings {
            while let revision = try await store.read({ [last] in try $0.undrawnWorkflow(after: last) }) {
                try Task.checkCancellation()
                guard let diagram = try await draw(revision, isToldAlready: isWaiting) else {
                    isWaiting = true
                    try await Task.sleep(for: Self.pause)
                    continue
                }
                isWaiting = false
                try await store.write { try $0.keep(diagram, of: revision, leader: leader, now: WallClock.now()) }
                last = revision
            }
        }
    }

    /// - Returns: nil where drawing did not begin.
    private func draw(_ revision: Int64, isToldAlready: Bool) async throws -> DrawnDiagram? {
        let metadata: Logger.Metadata = ["revision": "\(revision)"]
        guard let graph = try await graph(revision) else { return .refused(.failure) }
        guard let source = DotSource(graph)?.text else {
            logger.notice("a workflow is too large for a picture; pages list its steps", metadata: metadata)
            return .refused(.size)
        }
        do {
            let diagram = try await limits.run { try await process(source) }
            switch diagram {
            case .svg?: break
            case .refused?: logger.warning("Graphviz did not draw a workflow", metadata: metadata)
            case nil: logger.warning("Graphviz took too long for a workflow", metadata: metadata)
            }
            return diagram ?? .refused(.limits)
        } catch let error where error is CannotBegin || error is DescriptorsUsedUp {
            if !isToldAlready {
                logger.warning("diagrams are not drawn at present", metadata: ["error": "\(error)"])
            }
            return nil
        } catch {
            // This program's own end takes the other one with it.
            try Task.checkCancellation()
            logger.warning(
                "Graphviz did not draw a workflow", metadata: metadata.merging(["error": "\(error)"]) { $1 })
            return .refused(.failure)
        }
    }

    /// - Returns: nil where the revision cannot be read any more.
    private func graph(_ revision: Int64) async throws -> WorkflowGraph? {
        do {
            guard case .workflow(let workflow) = try await store.read({ try $0.revision(revision) }) else { return nil }
            return WorkflowGraph(workflow)
        } catch {
            if StoreError.isTemporary(error) { throw error }
            logger.error(
                "a revision cannot be read", metadata: ["revision": "\(revision)", "error": "\(error)"])
            return nil
        }
    }

    private struct CannotBegin: Error, CustomStringConvertible {
        let program: String

        var description: String { "\(program) cannot be started; install graphviz" }
    }

    private func process(_ source: String) async throws -> DrawnDiagram {
        let result = try await Descriptors.startingProcess {
            try await Subprocess.run(
                .path("/bin/sh"), arguments: .init(limits.shellArguments(program, ["-Tsvg"])), input: .string(source),
                output: .string(limit: Self.limitBytes), error: .discarded)
        }
        switch result.terminationStatus {
        case .exited(0): return .svg(result.standardOutput)
        case .exited(let code) where Self.noProgram.contains(code): throw CannotBegin(program: program)
        case .exited: return .refused(.failure)
        case .signaled: return .refused(.limits)
        }
    }
}
