import TFExpression

/// Limits of texts that people or programs send, or that workflows compute.
///
/// Characters are Unicode scalars, as in JSON Schema; one visible character may be made of many. A sent text beyond its
/// limit is refused with a message that says the limit. A text that is computed is shortened, and one that is recorded about
/// strangers is cut. The limit also says whether a text is one line.
package struct TextLimit: Sendable, Hashable {
    package let characters: Int
    package let bytes: Int
    /// Whether the text may hold line breaks; names may not.
    package let hasLines: Bool

    /// - Parameter bytes: the limit in bytes; nil: as many as that many characters can take.
    package init(characters: Int, bytes: Int? = nil, hasLines: Bool = false) {
        self.characters = characters
        self.hasLines = hasLines
        self.bytes = min(bytes ?? .max, Self.bytes(of: characters))
    }

    /// How many bytes that many characters can take.
    private static func bytes(of characters: Int) -> Int { characters.multipliedReportingOverflow(by: 4).partialValue }

    // MARK: Accounts

    /// Of logins, slugs, company roles, and what definitions name: outcomes, variables, secrets.
    package static let identifier = TextLimit(characters: 63)
    /// A login as it was typed at sign-in, possibly by a stranger; it is cut.
    package static let typedLogin = TextLimit(characters: 100)
    /// Of people, companies and keys.
    package static let name = TextLimit(characters: 200)
    package static let email = TextLimit(characters: 254, bytes: 254)
    package static let timezone = TextLimit(characters: 64)
    /// A client's `User-Agent`; it is cut.
    package static let agent = TextLimit(characters: 200)
    /// The subject of a line in the audit log; it is cut.
    package static let auditSubject = TextLimit(characters: 500)
    package static let requestKey = TextLimit(characters: 200)
    /// No password has more bytes.
    package static let password = TextLimit(characters: 1_000)

    // MARK: Tickets and tasks

    package static let title = TextLimit(characters: 200)
    package static let label = TextLimit(characters: 50)
    /// How many labels a ticket has at most.
    package static let limitLabels = 20
    /// A ticket's status.
    package static let status = TextLimit(characters: 60)
    package static let comment = TextLimit(characters: 16_384, bytes: 16_384, hasLines: true)
    package static let reason = TextLimit(characters: 4_000, hasLines: true)
    package static let outcome = TextLimit(characters: 200)
    /// The error of a program's failed try.
    package static let failure = TextLimit(characters: 4_000, hasLines: true)
    /// The free text beside a field's options.
    package static let otherOption = TextLimit(characters: 200)
    package static let telephone = TextLimit(characters: 50)
    package static let fileName = TextLimit(characters: 255, bytes: 1_000)
    package static let mediaType = TextLimit(characters: 200)
    /// What somebody looks for in a list.
    package static let search = TextLimit(characters: 200)

    // MARK: Use

    /// The rule that a text breaks, such as `must be 200 characters or fewer, not 600000`; nil if it fits.
    package func problem(_ text: String) -> String? {
        // Bytes first: counting characters takes time with their number.
        let size = text.utf8.count
        guard size > bytes || size > characters else { return nil }
        if size <= 4 * bytes {
            let count = text.unicodeScalars.count
            if count > characters { return "must be \(characters) characters or fewer, not \(count)" }
        }
        guard size > bytes else { return nil }
        // More than as many characters can take: people count characters, so bytes are told only where they count.
        guard bytes < Self.bytes(of: characters) else { return "must be \(characters) characters or fewer" }
        guard bytes % 1024 == 0 else { return "must be \(bytes) bytes or fewer, not \(size)" }
        return "must be \(ByteSize.text(bytes)) or less, not \((size + 1023) / 1024) KB"
    }

    /// The rule that an unseen character breaks, such as `must be one line`; nil if none does.
    package func strayCharacter(in text: String) -> String? {
        for scalar in text.unicodeScalars where isStray(scalar) {
            if scalar.properties.isWhitespace, scalar != "\t" { return "must be one line" }
            let code = String(scalar.value, radix: 16, uppercase: true)
            return "must not hold the character U+\(String(repeating: "0", count: max(0, 4 - code.count)))\(code)"
        }
        return nil
    }

    private func isStray(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control: !(hasLines && ["\n", "\r", "\t"].contains(scalar))
        case .lineSeparator, .paragraphSeparator: !hasLines
        // A mark in a name that turns the direction of writing would also turn the text after the name.
        case .format: !hasLines && scalar.turnsWriting
        default: false
        }
    }

    package func holds(_ text: String) -> Bool { problem(text) == nil }

    /// The text; in the place of one that does not fit its beginning with an ellipsis, by which people see that it goes on.
    package func shortened(_ text: String) -> String {
        guard !holds(text) else { return text }
        let ellipsis = "…"
        let beginning = TextLimit(characters: characters - 1, bytes: bytes - ellipsis.utf8.count, hasLines: hasLines)
        return beginning.cut(text) + ellipsis
    }

    /// The beginning of the text that fits, cut between scalars.
    package func cut(_ text: String) -> String {
        guard !holds(text) else { return text }
        var (kept, size) = (String.UnicodeScalarView(), 0)
        for scalar in text.unicodeScalars.prefix(characters) {
            size += UTF8.width(scalar)
            guard size <= bytes else { break }
            kept.append(scalar)
        }
        return String(kept)
    }
}

extension FieldError {
    /// The error of a sent text: a character that is not allowed, or too long a text.
    /// - Parameter label: the field's name for people.
    package static func unfit(_ text: String, _ limit: TextLimit, field: String, label: String? = nil) -> FieldError? {
        if text.hasNUL { return nul(in: field) }
        guard let problem = limit.problem(text) ?? limit.strayCharacter(in: text) else { return nil }
        return FieldError(field: field, message: "\(label ?? "\"\(field)\"") \(problem)")
    }
}

extension Unicode.Scalar {
    /// Whether the scalar begins or ends an embedding, override or isolation of the direction of writing.
    var turnsWriting: Bool { (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value) }
}
