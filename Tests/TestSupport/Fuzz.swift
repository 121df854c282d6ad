import Foundation

/// Made-up inputs for a check: the same few on every ordinary run, new ones for as long as `FUZZ_SECONDS` says.
///
/// Each input comes from one seed alone. What fails or crashes is tried again with `FUZZ_SEED=<seed>`: the seed is
/// printed with a failure, and stands in `fuzz-<name>.seed` of the system's temporary directory while its input runs.
///
/// `make fuzz` runs the suites whose names end in `FuzzTests`; each has the trait `.onItsOwnThread`.
package enum Fuzz {
    /// - Parameters:
    ///   - name: of the check, for the file with the seed.
    ///   - iterations: on an ordinary run.
    ///   - check: makes an input and checks it; the second argument is how to come back to it.
    package static func run(
        _ name: String, iterations: UInt64, _ check: (inout SeededGenerator, String) throws -> Void
    ) throws {
        for (var generator, replay) in inputs(name, iterations: iterations) { try check(&generator, replay) }
    }

    /// The same for a check that awaits something: a generator for each input, and how to come back to it.
    package static func inputs(_ name: String, iterations: UInt64) -> some Sequence<(SeededGenerator, String)> {
        let environment = ProcessInfo.processInfo.environment
        let seconds = environment["FUZZ_SECONDS"].flatMap(Double.init)
        let only = environment["FUZZ_SEED"].flatMap { UInt64($0) }
        let first = only ?? (seconds == nil ? 1 : UInt64.random(in: 0..<1 << 40))
        let end = Date().addingTimeInterval(seconds ?? 0)
        let trace = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-\(name).seed")
        return sequence(state: first) { seed in
            let isMore =
                only == nil ? (seconds == nil ? seed < first + iterations : Date() < end) : seed == first
            guard isMore else {
                if seconds != nil { print("fuzz \(name): \(seed - first) inputs from seed \(first)") }
                return nil
            }
            // Without the file, a crash is only harder to come back to.
            if seconds != nil { try? "\(seed)\n".write(to: trace, atomically: false, encoding: .utf8) }
            defer { seed += 1 }
            return (SeededGenerator(seed: seed), "FUZZ_SEED=\(seed)")
        }
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Not a multiple of the step below: seeds that follow each other must not give the same numbers shifted by one.
    package init(seed: UInt64) { state = seed &* 0xD134_2543_DE82_EF95 }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    package mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &self) }

    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}

extension [UInt8] {
    /// A few small changes: bytes changed, taken out, put in, pieces repeated and moved.
    /// - Parameter tokens: what is put in besides single bytes.
    package func mutated(tokens: [[UInt8]], by generator: inout SeededGenerator) -> [UInt8] {
        var bytes = self
        for _ in 0...generator.below(6) {
            let at = generator.below(bytes.count + 1)
            let length = generator.below(Swift.min(40, bytes.count - at + 1))
            let piece = Array(bytes[at..<(at + length)])
            switch generator.below(7) {
            case 0: bytes.replaceSubrange(at..<(at + length), with: [])
            case 1: bytes.insert(contentsOf: piece, at: generator.below(bytes.count + 1))
            case 2: bytes.insert(UInt8(generator.below(256)), at: at)
            case 3 where at < bytes.count: bytes[at] = UInt8(generator.below(256))
            case 4 where at < bytes.count: bytes[at] ^= 1 << UInt8(generator.below(8))
            case 5: bytes.replaceSubrange(at..<(at + length), with: generator.pick(tokens))
            default: bytes.insert(contentsOf: generator.pick(tokens), at: at)
            }
        }
        return bytes
    }
}
