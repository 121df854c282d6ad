import CRE2

/// A regular expression of RE2: matching takes time linear in the text, whatever the pattern.
///
/// Patterns come from tenants. Look-around and back-references are refused when it is compiled.
/// Syntax: github.com/google/re2/wiki/Syntax, and `(?<name>…)` as jq and GitHub write it.
package final class Pattern: Sendable {
    package static let maximumBytes = 1_000

    package let source: String
    private let compiled: Compiled

    /// - Parameter ignoresCase: the same as `(?i)` in front of the pattern.
    /// - Parameter dotMatchesNewline: whether `.` takes a line break too.
    /// - Throws: `PatternError` with RE2's reason.
    package convenience init(
        _ source: String, ignoresCase: Bool = false, dotMatchesNewline: Bool = false
    ) throws(PatternError) {
        guard source.utf8.count <= Self.maximumBytes else {
            throw PatternError(reason: "it is longer than \(Self.maximumBytes) bytes")
        }
        try self.init(
            source, as: Self.rewritingGroupNames(source), ignoresCase: ignoresCase, dotMatchesNewline: dotMatchesNewline
        )
    }

    /// - Parameter rewritten: the same pattern in RE2's syntax.
    init(
        _ source: String, as rewritten: String, ignoresCase: Bool, dotMatchesNewline: Bool
    ) throws(PatternError) {
        self.source = source
        guard let compiled = Compiled(rewritten, ignoresCase, dotMatchesNewline) else {
            throw PatternError(reason: "out of memory")
        }
        if let reason = compiled.error { throw PatternError(reason: reason) }
        self.compiled = compiled
    }

    /// The number of its instructions: a match takes at most this many steps for each byte of the text.
    package var size: Int { compiled.size }

    /// The fuel that a match in a text takes.
    package func fuel(for text: String) -> Int { fuel(forBytes: text.utf8.count) }

    func fuel(forBytes count: Int) -> Int { 1 + count * min(size, 64) / 512 }

    /// The names of the capturing groups in order; nil for a group without a name.
    package var groupNames: [String?] { compiled.groupNames }

    package func matchesAll(of text: String) -> Bool { compiled.matchesAll(of: text) }

    /// The first match at or after a byte; with `isAnchored`, only one that starts there.
    /// - Returns: the byte ranges of the match and of each group (nil for a group that took no part); nil if there is
    ///   none.
    package func firstMatch(in text: [UInt8], from start: Int, isAnchored: Bool = false) -> [Range<Int>?]? {
        compiled.find(text, start, isAnchored)
    }

    /// Rewrites `(?<name>…)`, outside classes and escapes, to `(?P<name>…)`, the only form that this version of RE2
    /// knows.
    private static func rewritingGroupNames(_ source: String) -> String {
        let bytes = Array(source.utf8)
        var rewritten: [UInt8] = []
        var inClass = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\"), index + 1 < bytes.count {
                rewritten += bytes[index...(index + 1)]
                index += 2
                continue
            }
            if inClass {
                inClass = byte != UInt8(ascii: "]")
            } else if byte == UInt8(ascii: "[") {
                inClass = true
                // A "]" right after "[" or "[^" stands for itself.
                var next = index + 1
                if next < bytes.count, bytes[next] == UInt8(ascii: "^") { next += 1 }
                if next < bytes.count, bytes[next] == UInt8(ascii: "]") { next += 1 }
                rewritten += bytes[index..<next]
                index = next
                continue
            } else if bytes[index...].starts(with: "(?<".utf8), index + 3 < bytes.count,
                bytes[index + 3] != UInt8(ascii: "="), bytes[index + 3] != UInt8(ascii: "!")
            {
                rewritten += Array("(?P<".utf8)
                index += 3
                continue
            }
            rewritten.append(byte)
            index += 1
        }
        return String(decoding: rewritten, as: UTF8.self)
    }
}

/// Why a pattern cannot be used.
package struct PatternError: Error, Sendable, CustomStringConvertible {
    package let reason: String

    package var description: String { "not a pattern of RE2: \(reason)" }
}

/// The C++ object. RE2 may be matched from any number of threads at once; its pointer never changes.
private struct Compiled: ~Copyable, Sendable {
    // Kept as an address, which is Sendable; a pointer is not.
    private let address: UInt

    init?(_ source: String, _ ignoresCase: Bool, _ dotMatchesNewline: Bool) {
        var source = source
        let pointer = source.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { text in
                tf_re2_new(text.baseAddress, text.count, ignoresCase, dotMatchesNewline)
            }
        }
        guard let pointer else { return nil }
        address = UInt(bitPattern: pointer)
    }

    deinit { tf_re2_free(OpaquePointer(bitPattern: address)) }

    private var pointer: OpaquePointer? { OpaquePointer(bitPattern: address) }

    var error: String? {
        guard let reason = tf_re2_error(pointer) else { return nil }
        return String(cString: reason)
    }

    var size: Int { Int(tf_re2_size(pointer)) }

    var groupNames: [String?] {
        (0..<Int(tf_re2_groups(pointer))).map { index in
            tf_re2_group_name(pointer, Int32(index + 1)).map { String(cString: $0) }
        }
    }

    func matchesAll(of text: String) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { tf_re2_matches_all(pointer, $0.baseAddress, $0.count) }
        }
    }

    func find(_ text: [UInt8], _ start: Int, _ isAnchored: Bool) -> [Range<Int>?]? {
        let count = Int(tf_re2_groups(pointer)) + 1
        var spans = [Int](repeating: -1, count: 2 * count)
        let isFound = text.withUnsafeBufferPointer { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { text in
                tf_re2_find(pointer, text.baseAddress, text.count, start, isAnchored, &spans, Int32(count))
            }
        }
        guard isFound else { return nil }
        return (0..<count).map { spans[2 * $0] < 0 ? nil : spans[2 * $0]..<spans[2 * $0 + 1] }
    }
}

extension Pattern: Hashable {
    package static func == (left: Pattern, right: Pattern) -> Bool { left.source.isExactly(right.source) }

    package func hash(into hasher: inout Hasher) { hasher.combine(ExactString(source)) }
}

/// A pattern is stored as its source, and compiled again when it is read.
extension Pattern: Codable {
    package convenience init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(source)
    }
}
