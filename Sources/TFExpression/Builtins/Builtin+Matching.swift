/// Regular expressions, on RE2.
extension Builtin {
    static let matching: [Builtin] = [
        Builtin(
            "_match", 2,
            .values { (evaluator, input, arguments) throws(ExpressionError) in
                try matches(&evaluator, input, arguments).map(\.json)
            }),
        Builtin(
            "_test", 2,
            .values { (evaluator, input, arguments) throws(ExpressionError) in
                let found = try matches(&evaluator, input, arguments, isTest: true)
                return [.bool(!found.isEmpty)]
            }),
        // The texts between the matches, and the captures of each match, in turn: [text, captures, text, …].
        Builtin(
            "_pieces", 2,
            .values { (evaluator, input, arguments) throws(ExpressionError) in
                let bytes = Array((input.stringValue ?? "").utf8)
                var pieces: [JSON] = []
                var start = 0
                for match in try matches(&evaluator, input, arguments) {
                    pieces.append(.string(String(decoding: bytes[start..<match.range.lowerBound], as: UTF8.self)))
                    pieces.append(match.captured)
                    start = match.range.upperBound
                }
                pieces.append(.string(String(decoding: bytes[start...], as: UTF8.self)))
                return [.array(pieces)]
            }),
    ]

    /// - Parameter isTest: whether one match is enough, whatever the flags say.
    private static func matches(
        _ evaluator: inout Evaluator, _ input: JSON, _ arguments: [JSON], isTest: Bool = false
    ) throws(ExpressionError) -> [Match] {
        let subject = try Subject(&evaluator, input, arguments[0], arguments[1])
        var matches: [Match] = []
        var from = 0
        while from <= subject.bytes.count, let groups = subject.firstMatch(from: from),
            let whole = groups.first ?? nil
        {
            try evaluator.spend(4 + 4 * groups.count + whole.count / 64)
            // Such a pattern may look at all of the remaining text before it takes a short match.
            if subject.looksAhead { try evaluator.spend((subject.bytes.count - from) / 256) }
            let isPassedOver = whole.isEmpty && subject.flags.contains("n")
            if !isPassedOver { matches.append(Match(range: whole, groups: groups, subject: subject)) }
            guard isPassedOver || subject.flags.contains("g") && !isTest else { break }
            from = whole.isEmpty ? subject.nextPoint(behind: whole.upperBound) : whole.upperBound
        }
        return matches
    }

    private struct Subject {
        let bytes: [UInt8]
        private let pattern: Pattern
        /// The marked text, for a pattern that reads that instead of the bytes.
        private let marked: MarkedText?
        let flags: String
        let names: [String?]
        let looksAhead: Bool
        /// The number of code points before each 256th byte.
        private let marks: [Int]

        init(
            _ evaluator: inout Evaluator, _ input: JSON, _ source: JSON, _ flags: JSON
        ) throws(ExpressionError) {
            guard let text = input.stringValue else {
                throw .raised(.string("\(input.errorText) cannot be matched, as it is not a string"))
            }
            guard let source = source.stringValue else {
                throw .raised(.string("\(source.errorText) cannot be matched, as it is not a string"))
            }
            guard flags == .null || flags.stringValue != nil else {
                throw .raised(.string("\(flags.errorText) is not a string"))
            }
            bytes = Array(text.utf8)
            self.flags = flags.stringValue ?? ""
            let before = evaluator.patterns.size
            do {
                let plain = try evaluator.patterns.pattern(source, self.flags)
                names = plain.groupNames
                let isASCII = bytes.allSatisfy { $0 < 0x80 }
                let wider = isASCII ? nil : try evaluator.patterns.unicodePattern(source, self.flags)
                pattern = wider?.pattern ?? plain
                marked = wider?.isMarked == true ? MarkedText(text) : nil
            } catch {
                throw .raised(.string("\(source) (at offset 0) is not a valid regex: \(error.reason)"))
            }
            looksAhead = marked != nil || ["|", ")?", ")*", ")+", "){"].contains { source.contains($0) }
            marks = Self.marks(bytes)
            // A pattern that was not known yet had to be compiled, which is paid for.
            try evaluator.spend(max(0, evaluator.patterns.size - before) / 4)
            try evaluator.spend(pattern.fuel(forBytes: marked?.bytes.count ?? bytes.count))
        }

        /// The ranges of the first match at or after a byte, and of its groups.
        func firstMatch(from start: Int) -> [Range<Int>?]? {
            guard let marked else { return pattern.firstMatch(in: bytes, from: start) }
            return pattern.firstMatch(in: marked.bytes, from: marked.marked(start), isAnchored: true)?.dropFirst()
                .map { $0.map(marked.unmarked) }
        }

        func nextPoint(behind offset: Int) -> Int {
            var next = offset + 1
            while next < bytes.count, bytes[next] & 0xC0 == 0x80 { next += 1 }
            return next
        }

        private static func marks(_ bytes: [UInt8]) -> [Int] {
            var marks: [Int] = []
            var points = 0
            for (offset, byte) in bytes.enumerated() {
                if offset.isMultiple(of: 256) { marks.append(points) }
                if byte & 0xC0 != 0x80 { points += 1 }
            }
            return marks + [points]
        }

        /// The number of code points before a byte.
        func point(_ offset: Int) -> Int {
            let mark = min(offset / 256, marks.count - 1)
            return marks[mark] + points(min(mark * 256, offset)..<offset)
        }

        func points(_ range: Range<Int>) -> Int { bytes[range].count { $0 & 0xC0 != 0x80 } }

        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    }

    private struct Match {
        let range: Range<Int>
        let groups: [Range<Int>?]
        let subject: Subject

        var json: JSON {
            [
                "offset": .int(subject.point(range.lowerBound)), "length": .int(subject.points(range)),
                "string": .string(subject.text(range)),
                "captures": .array(
                    zip(groups.dropFirst(), subject.names).map { group, name in
                        [
                            "offset": .int(group.map { subject.point($0.lowerBound) } ?? -1),
                            "length": .int(group.map { subject.points($0) } ?? 0),
                            "string": group.map { .string(subject.text($0)) } ?? .null,
                            "name": .optional(name),
                        ]
                    }),
            ]
        }

        /// The named groups.
        var captured: JSON {
            var members = JSONObject()
            for (group, name) in zip(groups.dropFirst(), subject.names) {
                guard let name else { continue }
                members[name] = group.map { .string(subject.text($0)) } ?? .null
            }
            return .object(members)
        }
    }
}

/// Compiled patterns: those that the program has as constants, and those of this evaluation.
struct PatternCache: Sendable {
    private enum Entry {
        case plain(Pattern)
        case unicode(UnicodePattern?)
    }

    private static let limit = 64

    private var compiled: [ExactString: Entry] = [:]

    /// The number of instructions of all compiled patterns.
    var size: Int {
        compiled.values.reduce(0) { size, entry in
            switch entry {
            case .plain(let pattern): size + pattern.size
            case .unicode(let pattern): size + (pattern?.pattern.size ?? 0)
            }
        }
    }

    /// - Parameter flags: jq's flags g, i, n, p, s and l; x is refused.
    mutating func pattern(_ source: String, _ flags: String) throws(PatternError) -> Pattern {
        let key = ExactString(flags + "/" + source)
        if case .plain(let known)? = compiled[key] { return known }
        for flag in flags.unicodeScalars {
            if flag == "x" { throw PatternError(reason: "the flag x is not supported") }
            guard "ginpsl".unicodeScalars.contains(flag) else {
                throw PatternError(reason: "\(flags) is not a valid modifier string")
            }
        }
        let pattern = try Pattern(source, ignoresCase: flags.contains("i"), dotMatchesNewline: flags.contains("p"))
        add(.plain(pattern), key)
        return pattern
    }

    /// The pattern for text beyond ASCII; nil if the original means the same there.
    mutating func unicodePattern(_ source: String, _ flags: String) throws(PatternError) -> UnicodePattern? {
        let key = ExactString("unicode " + flags + "/" + source)
        if case .unicode(let known)? = compiled[key] { return known }
        let pattern = try UnicodePattern(
            source, ignoresCase: flags.contains("i"), dotMatchesNewline: flags.contains("p"))
        add(.unicode(pattern), key)
        return pattern
    }

    private mutating func add(_ entry: Entry, _ key: ExactString) {
        if compiled.count >= Self.limit { compiled = [:] }
        compiled[key] = entry
    }
}
