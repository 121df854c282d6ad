/// Names for people, made from the names that definitions use for steps, tasks, roles, outcomes and states.
package enum ReadableName {
    /// At the beginning of a line: `grant-access` and `grantAccess` become "Grant access", `it-staff` "IT staff".
    package static func title(_ name: String) -> String {
        let words = words(name)
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// Inside a sentence: `access-approver` becomes "access approver". What has spaces is a text already.
    package static func words(_ name: String) -> String {
        if name == WorkflowDefinition.handle.name { return "look after it" }
        guard !name.contains(" ") else { return name }
        return parts(of: name).enumerated().map { index, part in
            isAbbreviation(part, isFirst: index == 0) ? part.uppercased() : part
        }.joined(separator: " ")
    }

    /// The words of a name: apart at `-` and `_`, and where a capital follows a small letter.
    ///
    /// By bytes, since lists show such names in each row; other letters than those of English stay as they are.
    private static func parts(of name: String) -> [String] {
        var parts: [[UInt8]] = [[]]
        var wasSmall = false
        for byte in name.utf8 {
            let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") {
                parts.append([])
            } else if isCapital, wasSmall {
                parts.append([byte | 0x20])
            } else {
                parts[parts.count - 1].append(byte)
            }
            wasSmall = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        }
        return parts.filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Words of two letters are mostly abbreviations, such as HR, but for these; IT mostly stands first.
    private static func isAbbreviation(_ word: String, isFirst: Bool) -> Bool {
        guard word.count == 2, word.allSatisfy(\.isLetter) else { return false }
        return word == "it" ? isFirst : !shortWords.contains(word)
    }

    private static let shortWords: Set<String> = [
        "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "me", "my", "no", "of", "on", "or",
        "so",
        "to", "up", "us", "we",
    ]
}
