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
    /// How often a drawing that is ended from outside is begun before the next start of the daemon.
    private static let limitTries = 3

    let store: Store
    /// Rung when a definition was published.
    let wake: Wake
    let logger: Logger
    var graphviz = Graphviz()
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

    func run(_ term: LeaderTerm) async throws {
        // The company whose turn it was.
        var turn: CompanyID?
        var tries: [RevisionID: Int] = [:]
        var isWaiting = false
        for await _ in wake.rings {
            while true {
                let leader = term.leadership
                let givenUp = Set(tries.filter { $0.value >= Self.limitTries }.keys)
                let next = try await store.read { [turn] in
                    try $0.undrawnWorkflow(of: leader, turnAfter: turn, except: givenUp)
                }
                guard let next else { break }
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
            try await Wake.rest()
        }
    }

    private func draw(_ next: UndrawnWorkflow, isToldAlready: Bool) async throws -> Outcome {
        let metadata: Logger.Metadata = ["revision": "\(next.revision)"]
        guard let graph = try await graph(next) else { return .drawn(.refused(.failure)) }
        do {
            switch try await graphviz.answer(graph) {
            case .layout(let layout): return .drawn(.layout(layout))
            case .tooLarge:
                logger.notice("a workflow is too large for a picture; pages list its steps", metadata: metadata)
                return .drawn(.refused(.size))
            case .tooSlow:
                logger.warning("Graphviz took too long for a workflow", metadata: metadata)
                return .drawn(.refused(.limits))
            case .failed:
                logger.warning("Graphviz did not draw a workflow", metadata: metadata)
                return .drawn(.refused(.failure))
            }
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
        error is Graphviz.CannotBegin || error is DescriptorsUsedUp || (error as? SubprocessError)?.code == .spawnFailed
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
}
