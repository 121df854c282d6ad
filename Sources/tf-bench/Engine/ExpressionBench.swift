import Foundation
import Subprocess
import TFExpression

/// Times typical expressions of definitions: our evaluator against the installed jq, start-up not counted.
struct ExpressionBench {
    private static let input: JSON = [
        "outcome": "approve", "form": ["amount": 1200, "item": "A desk", "urgent": false],
        "rows": .array((0..<20).map { ["n": .int($0), "group": .string("g\($0 % 3)"), "price": .int($0 * 7 % 11)] }),
    ]

    private static let programs = [
        ".outcome == \"approve\"",
        ".outcome == \"approve\" and .form.amount > 1000",
        "if .form.amount > 10000 then \"high\" else \"normal\" end",
        "{ reference: .form.item, amount: .form.amount, ok: (.outcome == \"approve\") }",
        "\"\\(.form.item): \\(.form.amount) EUR\"",
        "[.rows[] | select(.price > 4) | .n]",
        ".rows | map(.price) | add",
        ".rows | group_by(.group) | map({ group: .[0].group, total: (map(.price) | add) })",
    ]

    let rounds: Int

    func run() async throws {
        print("expression                                                     ours     jq    ratio")
        let empty = try await jq(".")
        for program in Self.programs {
            let ours = try ours(program)
            let theirs = max(0, try await jq(program) - empty)
            let name = String(program.prefix(58)).padding(toLength: 58, withPad: " ", startingAt: 0)
            print("\(name) \(micro(ours)) \(micro(theirs)) \(String(format: "%6.2f", ours / theirs))")
        }
    }

    private func micro(_ seconds: Double) -> String { String(format: "%5.2f µs", seconds * 1e6) }

    /// Seconds for each evaluation by our evaluator.
    private func ours(_ program: String) throws -> Double {
        let expression = try Expression(program)
        let clock = ContinuousClock()
        var outputs = 0
        let time = try clock.measure {
            for _ in 0..<rounds { outputs += try expression.value(Self.input) == .null ? 0 : 1 }
        }
        guard outputs == rounds else { throw BenchError.noOutput(program) }
        return time / .seconds(1) / Double(rounds)
    }

    /// Seconds for each evaluation by jq, with the loop around it.
    private func jq(_ program: String) async throws -> Double {
        let loop = "reduce range(\(rounds)) as $i (0; . + ([$in | \(program)] | length))"
        let start = ContinuousClock.now
        let result = try await Subprocess.run(
            .name("jq"), arguments: ["-n", "--argjson", "in", Self.input.text, loop], output: .string(limit: 1024),
            error: .discarded)
        guard result.standardOutput.contains("\(rounds)") else { throw BenchError.noOutput(program) }
        return (ContinuousClock.now - start) / .seconds(1) / Double(rounds)
    }
}

enum BenchError: Error {
    case noOutput(String)
    case setAside([String])
    /// What went wrong, in words.
    case failed(String)
}
