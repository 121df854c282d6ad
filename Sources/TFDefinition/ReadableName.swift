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
    private static func parts(of name: String) -> [String] {
        var parts = [""]
        for character in name {
            if character == "-" || character == "_" {
                parts.append("")
            } else if character.isUppercase, parts[parts.count - 1].last?.isLowercase == true {
                parts.append(character.lowercased())
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts.filter { !$0.isEmpty }
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
