import TFExpression

/// A position in a definition file; line and column count characters from 1.
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
    package enum Severity: String, Sendable, Hashable, Codable, CaseIterable {
        case error
        case warning
        case notice
    }

    package let file: String
    package let position: Position
    package let severity: Severity
    /// What is wrong, as a clause without a full stop.
    package let message: String
    /// The name that was most likely meant.
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
        "\(file.onOneLine):\(position.line):\(position.column): \(severity.rawValue): \(sentence)"
    }

    /// `{file, line, column, severity, message, suggestion}`
    package var json: JSON {
        [
            "file": .string(file), "line": .int(position.line), "column": .int(position.column),
            "severity": .string(severity.rawValue), "message": .string(message), "suggestion": .optional(suggestion),
        ]
    }
}

extension Diagnostic {
    /// What `json` has written; nil: it is something else.
    package init?(json: JSON) {
        guard let file = json["file"].stringValue, let line = json["line"].intValue,
            let column = json["column"].intValue,
            let severity = json["severity"].stringValue.flatMap(Severity.init(rawValue:)),
            let message = json["message"].stringValue
        else { return nil }
        self.init(
            file: file, position: Position(line: line, column: column), severity: severity, message: message,
            suggestion: json["suggestion"].stringValue)
    }
}

/// The problems of one file, collected while it is read.
package struct Diagnostics: Sendable {
    package let file: String
    package private(set) var items: [Diagnostic] = []
    package private(set) var hasErrors = false
    /// Those of the errors that are there because something was retired.
    private(set) var retirements: Set<Diagnostic> = []
    private var uncollected = 0
    private var told: Set<Diagnostic> = []

    package init(file: String) { self.file = file }

    /// How many problems of one file are listed.
    private static let limitListed = 200
    /// How many problems of one file are kept: a file may be made to have one in each of its nodes.
    private static let limitCollected = 1_000

    /// The problems in source order; those of one position in the order in which they were found. Of very many, only
    /// the first are listed.
    package var sorted: [Diagnostic] {
        let sorted = items.enumerated().sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
            .map(\.element)
        guard sorted.count > Self.limitListed else { return sorted }
        let rest = Diagnostic(
            file: file, position: sorted[Self.limitListed].position, severity: hasErrors ? .error : .warning,
            message: "\(sorted.count + uncollected - Self.limitListed) more problems follow; mend those above first")
        return sorted.prefix(Self.limitListed) + [rest]
    }

    /// Whether a further problem would only be counted, so that its text need not be made.
    var isFull: Bool { items.count >= Self.limitCollected }

    package mutating func error(
        _ message: @autoclosure () -> String, at position: Position, suggestion: @autoclosure () -> String? = nil
    ) {
        hasErrors = true
        add(.error, message, position, suggestion)
    }

    /// An error because something that is named was retired.
    mutating func retirement(
        _ message: @autoclosure () -> String, at position: Position, suggestion: @autoclosure () -> String?
    ) {
        hasErrors = true
        if let item = add(.error, message, position, suggestion) { retirements.insert(item) }
    }

    /// The problem that this file has because of another file's errors.
    mutating func consequence(of cause: Catalog.Broken, at position: Position) -> Diagnostic {
        let file = cause.file.split(separator: "/").last.map(String.init) ?? cause.file
        let message = "the \(cause.kind.rawValue) \"\(cause.name)\" has errors, see \(file)"
        error(message, at: position)
        return Diagnostic(file: self.file, position: position, severity: .error, message: message.onOneLine)
    }

    package mutating func warning(
        _ message: @autoclosure () -> String, at position: Position, suggestion: @autoclosure () -> String? = nil
    ) {
        add(.warning, message, position, suggestion)
    }

    /// - Returns: nil if the problem is only counted.
    @discardableResult private mutating func add(
        _ severity: Diagnostic.Severity, _ message: () -> String, _ position: Position, _ suggestion: () -> String?
    ) -> Diagnostic? {
        if isFull {
            uncollected += 1
            return nil
        }
        let item = Diagnostic(
            file: file, position: position, severity: severity, message: message().onOneLine,
            suggestion: items.count < Self.limitListed ? suggestion()?.onOneLine : nil)
        // One mistake may be found several times, such as a name that an expression uses twice.
        if told.insert(item).inserted { items.append(item) }
        return item
    }
}

/// Names for a message: all of a few, the first of many.
func listed(_ names: [String]) -> String {
    let most = 30
    let rest = names.count > most ? " and \(names.count - most) more" : ""
    return names.prefix(most).joined(separator: ", ") + rest
}
