/// Asks until the answer is there, at most a minute: a busy machine is slow, and only what never happens is wrong.
package func eventually<Value>(_ what: String, _ ask: () async throws -> Value?) async throws -> Value {
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
        if let value = try? await ask() { return value }  // not yet: asked again
        try await Task.sleep(for: .milliseconds(20))
    }
    throw NeverHappened(what: what)
}

struct NeverHappened: Error {
    let what: String
}
