import Foundation
import Subprocess
import TFConfiguration
import TFDefinition

/// Finds out which texts end the program that reads them, by reading them in processes of their own.
struct DefinitionTrial {
    struct Text: Sendable {
        let file: String
        let bytes: [UInt8]
    }

    /// The signals of a program that has failed; by another one somebody ended it.
    private static let faults: Set<Int32> = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

    let company: String

    /// Those that end a process: of all that do so together, one after the other by halves.
    func culprits(among texts: [Text]) async throws -> [Text] {
        guard try await ends(by: texts) else { return [] }
        guard texts.count > 1 else { return texts }
        let half = texts.count / 2
        return try await culprits(among: Array(texts[..<half])) + culprits(among: Array(texts[half...]))
    }

    private func ends(by texts: [Text]) async throws -> Bool {
        guard !texts.isEmpty else { return false }
        let result = try await Descriptors.startingProcess {
            try await Subprocess.run(
                // What has ended the program is told by the log; no trace of it is needed.
                .path("/proc/self/exe"), arguments: [TryDefinitionsCommand.name, company],
                environment: .inherit.updating(["SWIFT_BACKTRACE": "enable=no"]),
                input: .array(Self.encode(texts)), output: .discarded, error: .discarded)
        }
        // This program's own end takes the other one with it.
        try Task.checkCancellation()
        guard case .signaled(let signal) = result.terminationStatus else { return false }
        return Self.faults.contains(signal)
    }

    // MARK: What the other process is given

    /// A line a text: its file and its bytes in base64.
    private static func encode(_ texts: [Text]) -> [UInt8] {
        texts.flatMap { text in
            let file = Data(text.file.utf8).base64EncodedString()
            return Array("\(file) \(Data(text.bytes).base64EncodedString())\n".utf8)
        }
    }

    static func decode(_ input: [UInt8]) -> [Text] {
        input.split(separator: 0x0A).compactMap { line in
            let words = line.split(separator: 0x20, omittingEmptySubsequences: false).map {
                Data(base64Encoded: Data($0))
            }
            guard words.count == 2, let file = words[0], let bytes = words[1] else { return nil }
            return Text(file: String(decoding: file, as: UTF8.self), bytes: Array(bytes))
        }
    }
}
