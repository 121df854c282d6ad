import Glibc
import Subprocess
import TFConfiguration
import TFDefinition

/// Has Graphviz place the nodes and edges of a workflow's diagram, in its own process with limits.
package struct Graphviz: Sendable {
    package enum Answer: Sendable, Hashable {
        case layout(DiagramLayout)
        /// The workflow, or its layout, is too large.
        case tooLarge
        case tooSlow
        /// Graphviz ended with an error.
        case failed
    }

    /// Graphviz could not be started.
    package struct CannotBegin: Error, CustomStringConvertible {
        let program: String

        package var description: String { "\(program) cannot be started; install graphviz" }
    }

    /// Somebody else ended the process.
    package struct Interrupted: Error, CustomStringConvertible {
        let signal: Int32

        package var description: String { "signal \(signal) ended it" }
    }

    private static let limitBytes = 1 << 20
    /// The signals by which a faulty program ends.
    private static let ownSignals: [Int32] = [SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL]
    /// Graphviz runs only when the machine has nothing else to do.
    private static let niceness = 10

    /// The program's name or path.
    package var program = "dot"
    /// Ordinary workflows take less than a second; one whose ways all cross would take minutes. The limit by the clock
    /// is larger, since a busy machine gives the process little time.
    package var limits = ProcessLimits(processorSeconds: 5, kilobytes: 1_000_000, patience: .seconds(60))

    package init() {}

    /// - Throws: `CannotBegin`, `Interrupted`, or what kept the process from starting.
    package func answer(_ graph: WorkflowGraph) async throws -> Answer {
        guard let source = DotSource(graph)?.text else { return .tooLarge }
        // nil: it took too long by the clock.
        return try await limits.run { try await process(source, graph) } ?? .tooSlow
    }

    private func process(_ source: String, _ graph: WorkflowGraph) async throws -> Answer {
        let arguments = limits.shellArguments("nice", ["-n", "\(Self.niceness)", program, "-Tjson0"])
        do {
            let result = try await Descriptors.startingProcess {
                try await TFProcess.run(
                    Configuration(executable: .path("/bin/sh"), arguments: .init(arguments)),
                    feeding: Array(source.utf8), output: .string(limit: Self.limitBytes), error: .discarded)
            }
            switch result.terminationStatus {
            case .exited(0):
                return DiagramLayout(graphviz: result.standardOutput, of: graph).map(Answer.layout) ?? .failed
            case .exited(let code) where ProcessLimits.noProgram.contains(code): throw CannotBegin(program: program)
            case .exited: return .failed
            case .signaled(SIGXCPU): return .tooSlow
            case .signaled(let signal) where Self.ownSignals.contains(signal): return .failed
            case .signaled(let signal): throw Interrupted(signal: signal)
            }
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            return .tooLarge
        }
    }
}
