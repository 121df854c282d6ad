import Foundation
import Logging
import Subprocess
import TFConfiguration
import TFDefinition
import TFEngine
import TFProcess
import TFStore
import TFWatch

/// Draws each revision of a workflow once, after its publication: outside of any transaction, one after the other.
///
/// Publication does not wait for it. The drawing, or the reason why our limits or Graphviz refused one, is kept with
/// the revision: pages draw nothing, and what cannot be drawn is not tried again. A drawing that was ended from
/// outside, by a lack of memory or by an operator's signal, is tried again.
struct DiagramPainter {
    private static let limitBytes = 512 << 10
    /// How often a drawing that is ended from outside is begun before the next start of the daemon.
    private static let limitTries = 3
    /// A shell's exit statuses for a program that is missing or cannot be run. Source: POSIX, 2.8.2.
    private static let noProgram: [Int32] = [126, 127]
    /// The signals by which a faulty program ends.
    private static let ownSignals: [Int32] = [SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL]
    /// Graphviz runs only when the machine has nothing else to do.
    private static let niceness = 10

    let store: Store
    /// Rung when anything is committed.
    let wake: Wake
    let logger: Logger
    /// The name or path of Graphviz' program.
    var program = "dot"
    /// Ordinary workflows take less than a second; one whose ways all cross would take minutes. The limit by the clock
    /// is larger, since a busy machine gives the process little time.
    var limits = ProcessLimits(processorSeconds: 5, kilobytes: 1_000_000, patience: .seconds(60))
    /// The pause before the next try when descriptors are short, Graphviz is missing, or a drawing was ended from
    /// outside.
    var pause = Duration.seconds(5)

    private enum Outcome {
        case drawn(DrawnDiagram)
        /// Graphviz could not be started.
        case notBegun
        /// The drawing was ended from outside.
        case interrupted
    }

    func run(_ leader: Leadership) async throws {
        // The last revision up to which nothing is left to draw, and the company whose turn it was.
        var (last, turn): (RevisionID?, CompanyID?) = (nil, nil)
        var tries: [RevisionID: Int] = [:]
        var isWaiting = false
        for await _ in wake.rings {
            while true {
                let givenUp = Set(tries.filter { $0.value >= Self.limitTries }.keys)
                let (next, newest) = try await store.read { [last, turn] in
                    (
                        try $0.undrawnWorkflow(after: last, turnAfter: turn, except: givenUp),
                        try $0.newestRevision()
                    )
                }
                guard let next else {
                    (last, tries) = (newest, [:])
                    break
                }
                try Task.checkCancellation()
                switch try await draw(next, isToldAlready: isWaiting) {
                case .drawn(let diagram):
                    isWaiting = false
                    turn = next.companyID
                    try await store.write(in: next.companyID) {
                        try $0.keep(diagram, of: next.revision, leader: leader, now: WallClock.now())
                    }
                case .notBegun:
                    isWaiting = true
                    try await Task.sleep(for: pause)
                case .interrupted:
                    isWaiting = false
                    turn = next.companyID
                    tries[next.revision, default: 0] += 1
                    try await Task.sleep(for: pause)
                }
            }
        }
    }

    private func draw(_ next: UndrawnWorkflow, isToldAlready: Bool) async throws -> Outcome {
        let metadata: Logger.Metadata = ["revision": "\(next.revision)"]
        guard let graph = try await graph(next) else { return .drawn(.refused(.failure)) }
        guard let source = DotSource(graph)?.text else {
            logger.notice("a workflow is too large for a picture; pages list its steps", metadata: metadata)
            return .drawn(.refused(.size))
        }
        do {
            // nil: it took too long by the clock.
            let diagram = try await limits.run { try await process(source) } ?? .refused(.limits)
            switch diagram {
            case .svg: break
            case .refused(.size): logger.warning("the picture of a workflow is too large", metadata: metadata)
            case .refused(.limits): logger.warning("Graphviz took too long for a workflow", metadata: metadata)
            case .refused(.failure): logger.warning("Graphviz did not draw a workflow", metadata: metadata)
            }
            return .drawn(diagram)
        } catch let error where Self.isOfAnyRevision(error) {
            if !isToldAlready {
                logger.warning("diagrams are not drawn at present", metadata: ["error": "\(error)"])
            }
            return .notBegun
        } catch {
            // If this program is being stopped, the child ended for that reason.
            try Task.checkCancellation()
            logger.warning(
                "drawing a workflow was interrupted", metadata: metadata.merging(["error": "\(error)"]) { $1 })
            return .interrupted
        }
    }

    /// Whether the error is not about this revision: no program could be started at all.
    private static func isOfAnyRevision(_ error: any Error) -> Bool {
        error is CannotBegin || error is DescriptorsUsedUp || (error as? SubprocessError)?.code == .spawnFailed
    }

    /// - Returns: nil if the revision cannot be read any more.
    private func graph(_ next: UndrawnWorkflow) async throws -> WorkflowGraph? {
        do {
            let definition = try await store.read(in: next.companyID) { try $0.revision(next.revision) }
            guard case .workflow(let workflow) = definition else { return nil }
            return WorkflowGraph(workflow)
        } catch {
            if StoreError.isTemporary(error) { throw error }
            logger.error(
                "a revision cannot be read", metadata: ["revision": "\(next.revision)", "error": "\(error)"])
            return nil
        }
    }

    private struct CannotBegin: Error, CustomStringConvertible {
        let program: String

        var description: String { "\(program) cannot be started; install graphviz" }
    }

    private struct Interrupted: Error, CustomStringConvertible {
        let signal: Int32

        var description: String { "signal \(signal) ended it" }
    }

    private func process(_ source: String) async throws -> DrawnDiagram {
        let arguments = limits.shellArguments("nice", ["-n", "\(Self.niceness)", program, "-Tsvg"])
        do {
            let result = try await Descriptors.startingProcess {
                try await TFProcess.run(
                    Configuration(executable: .path("/bin/sh"), arguments: .init(arguments)),
                    feeding: Array(source.utf8), output: .string(limit: Self.limitBytes), error: .discarded)
            }
            switch result.terminationStatus {
            case .exited(0): return .svg(result.standardOutput)
            case .exited(let code) where Self.noProgram.contains(code): throw CannotBegin(program: program)
            case .exited: return .refused(.failure)
            case .signaled(SIGXCPU): return .refused(.limits)
            case .signaled(let signal) where Self.ownSignals.contains(signal): return .refused(.failure)
            case .signaled(let signal): throw Interrupted(signal: signal)
            }
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            return .refused(.size)
        }
    }
}
