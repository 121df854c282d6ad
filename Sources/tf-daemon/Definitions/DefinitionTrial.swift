import Foundation
import Subprocess
import TFConfiguration
import TFDefinition
import TFProcess

/// Finds out which texts end the program that reads them, by reading them in processes of their own.
struct DefinitionTrial {
    struct Text: Sendable {
        let file: String
        let bytes: [UInt8]
    }

    /// The signals by which a faulty program ends; any other was sent by somebody.
    private static let faults: Set<Int32> = [SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

    /// Whether a process that reads these texts ends by a fault.
    private let ends: @Sendable ([Text]) async throws -> Bool

    init(company: String) {
        ends = { try await Self.ends(by: $0, of: company) }
    }

    /// - Parameter ends: replaces the child process in tests.
    init(ends: @escaping @Sendable ([Text]) async throws -> Bool) {
        self.ends = ends
    }

    /// The texts that end a process that reads them; without them, the others end none.
    func culprits(among texts: [Text]) async throws -> [Text] {
        var (rest, culprits): ([Text], [Text]) = (texts, [])
        while true {
            let further = try await self.culprits(among: rest, beside: [])
            if further.isEmpty { return culprits }
            culprits += further
            let files = Set(further.map(\.file))
            rest.removeAll { files.contains($0.file) }
        }
    }

    /// Finds, by halves, the culprits among texts that end a process together. If a fault needs texts of both halves,
    /// those of the first half are the culprits: without them it does not happen.
    /// - Parameter others: texts that are read together with these.
    private func culprits(among texts: [Text], beside others: [Text]) async throws -> [Text] {
        guard !texts.isEmpty, try await ends(texts + others) else { return [] }
        guard texts.count > 1 else { return texts }
        let (first, second) = (Array(texts[..<(texts.count / 2)]), Array(texts[(texts.count / 2)...]))
        let alone =
            try await culprits(among: first, beside: others) + culprits(among: second, beside: others)
        if !alone.isEmpty { return alone }
        return try await culprits(among: first, beside: second + others)
    }

    private static func ends(by texts: [Text], of company: String) async throws -> Bool {
        guard !texts.isEmpty else { return false }
        let result = try await Descriptors.startingProcess {
            try await TFProcess.run(
                Configuration(
                    executable: .path("/proc/self/exe"), arguments: [TryDefinitionsCommand.name, company],
                    // The log names the text that ended the program; its backtrace is not needed.
                    environment: .inherit.updating(["SWIFT_BACKTRACE": "enable=no"])),
                feeding: encode(texts), output: .discarded, error: .discarded)
        }
        // If this program is being stopped, the child ended for that reason.
        try Task.checkCancellation()
        guard case .signaled(let signal) = result.terminationStatus else { return false }
        return faults.contains(signal)
    }

    // MARK: What the other process is given

    /// One line for each text: its file, and its bytes in Base64.
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
