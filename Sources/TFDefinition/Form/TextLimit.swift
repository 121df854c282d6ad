import TFExpression

/// How long a text may be that people or programs send, or that a workflow computes: the one place for these limits.
///
/// Characters are Unicode scalars, as in JSON Schema; what people see as one may be of any number of them. What is sent
/// beyond a limit is refused with the limit; what is computed, or noted of strangers, is cut. Whether a text is one line
/// is said here too.
package struct TextLimit: Sendable, Hashable {
    package let characters: Int
    package let bytes: Int
    /// Whether line breaks may stand in it: nobody looks for the second line of a name.
    package let hasLines: Bool

    /// - Parameter bytes: nil: as many as so many characters can take.
    package init(characters: Int, bytes: Int? = nil, hasLines: Bool = false) {
        self.characters = characters
        self.hasLines = hasLines
        self.bytes = min(bytes ?? .max, characters.multipliedReportingOverflow(by: 4).partialValue)
    }

    // MARK: Accounts

    /// Of logins, slugs, company roles, and what definitions name: outcomes, variables, secrets.
    package static let identifier = TextLimit(characters: 63)
    /// A login as somebody typed it who may be a stranger; it is cut.
    package static let typedLogin = TextLimit(characters: 100)
    /// Of people, companies and keys.
    package static let name = TextLimit(characters: 200)
    package static let email = TextLimit(characters: 254, bytes: 254)
    package static let timezone = TextLimit(characters: 64)
    /// What a browser or program says it is; it is cut.
    package static let agent = TextLimit(characters: 200)
    /// What a line of the audit log is about; it is cut.
    package static let auditSubject = TextLimit(characters: 500)
    package static let requestKey = TextLimit(characters: 200)
    /// No password has more bytes.
    package static let password = TextLimit(characters: 1_000)

    // MARK: Tickets and tasks

    package static let title = TextLimit(characters: 200)
    package static let label = TextLimit(characters: 50)
    /// How many labels a ticket has at most.
    package static let mostLabels = 20
    /// What a workflow says of its ticket.
    package static let status = TextLimit(characters: 60)
    package static let comment = TextLimit(characters: 16_384, bytes: 16_384, hasLines: true)
    package static let reason = TextLimit(characters: 4_000, hasLines: true)
    package static let outcome = TextLimit(characters: 200)
    /// Why a program failed at its job.
    package static let failure = TextLimit(characters: 4_000, hasLines: true)
    /// An option that is not among those of a field.
    package static let otherOption = TextLimit(characters: 200)
    package static let telephone = TextLimit(characters: 50)
    package static let fileName = TextLimit(characters: 255, bytes: 1_000)
    package static let mediaType = TextLimit(characters: 200)
    /// What somebody looks for in a list.
    package static let search = TextLimit(characters: 200)

    // MARK: Use

    /// The rule that a text breaks, such as `must be 200 characters or fewer, not 600000`; nil: it fits.
    package func problem(_ text: String) -> String? {
        // Bytes first: counting characters takes time with their number.
        let size = text.utf8.count
        guard size > bytes || size > characters else { return nil }
        if size <= 4 * bytes {
            let count = text.unicodeScalars.count
            if count > characters { return "must be \(characters) characters or fewer, not \(count)" }
        }
        return size > bytes ? "must be \(bytes) bytes or fewer, not \(size)" : nil
    }

    /// What a character breaks that is not seen where the text is read, such as `must be one line`; nil: none does.
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
        // A name that turns the direction of writing turns that of whatever stands behind it.
        case .format: !hasLines && scalar.turnsWriting
        default: false
        }
    }

    package func holds(_ text: String) -> Bool { problem(text) == nil }

    /// As much of the text as fits, of whole scalars.
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
    /// What is wrong with a text that somebody sent: a character that is not taken, or more of it than is.
    /// - Parameter label: what people call the field.
    package static func unfit(_ text: String, _ limit: TextLimit, field: String, label: String? = nil) -> FieldError? {
        if text.hasNUL { return nul(in: field) }
        guard let problem = limit.problem(text) ?? limit.strayCharacter(in: text) else { return nil }
        return FieldError(field: field, message: "\(label ?? "\"\(field)\"") \(problem)")
    }
}

extension Unicode.Scalar {
    /// Whether it embeds, overrides or isolates a direction of writing, or ends that.
    var turnsWriting: Bool { (0x202A...0x202E).contains(value) || (0x2066...0x2069).contains(value) }
}
