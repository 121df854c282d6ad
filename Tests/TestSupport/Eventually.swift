/// Asks until the answer is there: the one way in which tests wait.
///
/// The limit counts tries and not seconds, since on a busy machine all that is waited for takes as much longer as the
/// tries do. Without load, the last try comes after a minute and a half.
/// - Parameters:
///   - what: is waited for, for the error.
///   - ask: nil, or an error: not yet.
package func eventually<Value>(
    _ what: String, tries: Int = 1_000, _ ask: () async throws -> Value?
) async throws -> Value {
    var lastError: (any Error)?
    for number in 0..<tries {
        do {
            if let value = try await ask() { return value }
            lastError = nil
        } catch {
            lastError = error
        }
        try await Task.sleep(for: .milliseconds(min(100, 5 + number)))
    }
    throw NeverHappened(what: what, tries: tries, lastError: lastError)
}

/// What was waited for did not come.
package struct NeverHappened: Error, CustomStringConvertible {
    let what: String
    let tries: Int
    let lastError: (any Error)?

    package var description: String {
        "never happened in \(tries) tries: \(what)\(lastError.map { "; the last try failed: \($0)" } ?? "")"
    }
}
