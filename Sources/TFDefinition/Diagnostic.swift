import TFExpression

/// A place in a definition file; line and column count characters from 1.
package struct Position: Sendable, Hashable, Codable, Comparable {
    package let line: Int
    package let column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package static let start = Position(line: 1, column: 1)

    package static func < (left: Position, right: Position) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// One problem of a definition file, as a compiler would report it.
package struct Diagnostic: Sendable, Hashable, Codable, CustomStringConvertible {
    package enum Severity: String, Sendable, Hashable, Codable {
        case error
        case warning
        case notice
    }

    package let file: String
    package let position: Position
    package let severity: Severity
    /// What is wrong, as a clause without a full stop.
    package let message: String
    /// The name that was most likely meant, quoted where the message quotes.
    package let suggestion: String?

    package init(
        file: String, position: Position, severity: Severity, message: String, suggestion: String? = nil
    ) {
        self.file = file
        self.position = position
        self.severity = severity
        self.message = message
        self.suggestion = suggestion
    }

    /// The message with its suggestion: what a person reads.
    package var sentence: String {
        suggestion.map { "\(message); did you mean \"\($0)\"?" } ?? message
    }

    /// `file:line:column: error: message; did you mean "x"?`
    package var description: String {
        "\(file):\(position.line):\(position.column): \(severity.rawValue): \(sentence)"
    }

    /// `{file, line, column, severity, message, suggestion}`
    package var json: JSON {
        [
            "file": .string(file), "line": .int(position.line), "column": .int(position.column),
            "severity": .string(severity.rawValue), "message": .string(message), "suggestion": .optional(suggestion),
        ]
    }
}

/// The problems of one file, collected while it is read.
package struct Diagnostics: Sendable {
    package let file: String
    package private(set) var items: [Diagnostic] = []

    package init(file: String) { self.file = file }

    package var hasErrors: Bool { items.contains { $0.severity == .error } }

    /// More of one file help nobody.
    private static let most = 200

    /// In source order; problems of one place in the order they were found. Of very many only the first are listed.
    package var sorted: [Diagnostic] {
        let sorted = items.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
        guard sorted.count > Self.most else { return sorted }
        let rest = Diagnostic(
            file: file, position: sorted[Self.most].position, severity: .error,
            message: "\(sorted.count - Self.most) more problems follow; mend those above first")
        return sorted.prefix(Self.most) + [rest]
    }

    package mutating func error(_ message: String, at position: Position, suggestion: String? = nil) {
        add(.error, message, position, suggestion)
    }

    package mutating func warning(_ message: String, at position: Position, suggestion: String? = nil) {
        add(.warning, message, position, suggestion)
    }

    private mutating func add(
        _ severity: Diagnostic.Severity, _ message: String, _ position: Position, _ suggestion: String?
    ) {
        items.append(
            Diagnostic(
                file: file, position: position, severity: severity, message: message, suggestion: suggestion))
    }
}
