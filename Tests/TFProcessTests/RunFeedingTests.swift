import Subprocess
import TFProcess
import Testing

/// Programs that are given their input by this process.
@Suite struct RunFeedingTests {
    /// More than a pipe holds.
    private static let input = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)

    @Test(arguments: ["exit 3", "exec <&-; exit 3", "head -c 10 >/dev/null; exit 3", "kill -KILL $$"])
    func `a program that ends before it has read its input only ends itself`(_ script: String) async throws {
        for _ in 0..<20 {
            let result = try await TFProcess.run(
                Configuration(executable: .path("/bin/sh"), arguments: ["-c", script]), feeding: Self.input,
                output: .string(limit: 100), error: .discarded)
            #expect(!result.terminationStatus.isSuccess)
        }
    }

    @Test func `a program reads all of its input`() async throws {
        let result = try await TFProcess.run(
            Configuration(executable: .name("wc"), arguments: ["-c"]), feeding: Self.input,
            output: .string(limit: 100), error: .discarded)
        #expect(result.standardOutput.contains("\(Self.input.count)"))
    }
}
