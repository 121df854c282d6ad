import TFExpression

/// A version by Semantic Versioning 2.0.0: `1.2.0`, `1.2.0-rc.1`, `1.2.0+b1`. The part after `+` does not affect order.
///
/// Numbers are compared as texts of digits, so that none is too large.
/// Source: semver.org, paragraphs 2, 9, 10 and 11.
package struct SemanticVersion: Sendable, Hashable, Comparable {
    private static let maximumBytes = 128

    package let major: String
    package let minor: String
    private let patch: String
    /// The pre-release's identifiers; empty if there is none.
    private let prerelease: [String]

    package init?(_ text: String) {
        guard text.utf8.count <= Self.maximumBytes else { return nil }
        let halves = text.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let core = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let prerelease = parts.count == 2 ? Self.identifiers(parts[1]) : []
        guard core.count == 3, core.allSatisfy({ Self.isNumber($0) && !Self.hasLeadingZero($0) }),
            let prerelease, !prerelease.contains(where: Self.hasLeadingZero),
            halves.count == 1 || Self.identifiers(halves[1]) != nil
        else { return nil }
        (major, minor, patch) = (core[0], core[1], core[2])
        self.prerelease = prerelease
    }

    package static func < (left: SemanticVersion, right: SemanticVersion) -> Bool { order(left, right) < 0 }

    package static func == (left: SemanticVersion, right: SemanticVersion) -> Bool { order(left, right) == 0 }

    package func hash(into hasher: inout Hasher) { hasher.combine([major, minor, patch] + prerelease) }

    /// Whether the first of two texts is the lower version; texts that are not versions come first.
    package static func isLower(_ left: String, _ right: String) -> Bool {
        switch (SemanticVersion(left), SemanticVersion(right)) {
        case (let left?, let right?): left < right
        case (nil, nil): left < right
        case (let left, _): left == nil
        }
    }

    private static func order(_ left: SemanticVersion, _ right: SemanticVersion) -> Int {
        for (one, other) in [(left.major, right.major), (left.minor, right.minor), (left.patch, right.patch)] {
            let order = numberOrder(one, other)
            if order != 0 { return order }
        }
        // A version without a pre-release is above those with one.
        if left.prerelease.isEmpty || right.prerelease.isEmpty {
            return (left.prerelease.isEmpty ? 1 : 0) - (right.prerelease.isEmpty ? 1 : 0)
        }
        for (one, other) in zip(left.prerelease, right.prerelease) where one != other {
            switch (isNumber(one), isNumber(other)) {
            case (true, true): return numberOrder(one, other)
            case (true, false): return -1
            case (false, true): return 1
            case (false, false): return one.utf8.lexicographicallyPrecedes(other.utf8) ? -1 : 1
            }
        }
        return left.prerelease.count - right.prerelease.count
    }

    private static func numberOrder(_ left: String, _ right: String) -> Int {
        if left == right { return 0 }
        let isBelow =
            left.utf8.count == right.utf8.count
            ? left.utf8.lexicographicallyPrecedes(right.utf8) : left.utf8.count < right.utf8.count
        return isBelow ? -1 : 1
    }

    private static func identifiers(_ text: Substring) -> [String]? {
        let identifiers = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let areValid = identifiers.allSatisfy { identifier in
            !identifier.isEmpty
                && identifier.utf8.allSatisfy { byte in
                    isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                        || byte == UInt8(ascii: "-")
                }
        }
        return areValid ? identifiers : nil
    }

    private static func hasLeadingZero(_ text: String) -> Bool {
        text.utf8.count > 1 && text.hasPrefix("0") && isNumber(text)
    }

    private static func isNumber(_ text: String) -> Bool { !text.isEmpty && text.utf8.allSatisfy(isDigit) }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}

extension SemanticVersion {
    /// The shape of a version, for editors.
    static let shape = Shape.pattern(
        #"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$"#,
        examples: ["1.0.0", "1.2.0-rc.1"])

    /// Reports a text that is not a version, with the version that was most likely meant.
    static func check(_ text: String, at position: Position, _ diagnostics: inout Diagnostics) {
        guard SemanticVersion(text) == nil else { return }
        diagnostics.error(
            "\"version\" must be three numbers such as 1.2.0, or before a release 1.2.0-rc.1, not \"\(text)\"",
            at: position, suggestion: meant(by: text))
    }

    /// The version that was meant by `v1.0` or `01.0.0`; nil if it cannot be guessed.
    private static func meant(by text: String) -> String? {
        let text = text.hasPrefix("v") ? text.dropFirst() : text[...]
        let core = text.prefix { $0 != "-" && $0 != "+" }
        var numbers = core.split(separator: ".", omittingEmptySubsequences: false).map { number in
            let digits = number.drop { $0 == "0" }
            return digits.isEmpty && !number.isEmpty ? "0" : String(digits)
        }
        while numbers.count < 3 { numbers.append("0") }
        let meant = numbers.joined(separator: ".") + text.dropFirst(core.count)
        return SemanticVersion(meant) == nil ? nil : meant
    }

    /// Checks `document.dsl`: 1.0.x and its pre-releases are read by the same rules.
    static func checkLanguage(_ text: String, at position: Position, _ diagnostics: inout Diagnostics) {
        guard let version = SemanticVersion(text) else {
            return diagnostics.error(
                "\"dsl\" must be a version of the language, such as '1.0.3', not \"\(text)\"", at: position)
        }
        guard version.major != "1" || version.minor != "0" else { return }
        let isNewer = version.major != "0"
        diagnostics.error(
            "the language's version \(text) is \(isNewer ? "newer" : "older") than what is read here: 1.0.0 to 1.0.x, such as '1.0.3'",
            at: position)
    }
}
