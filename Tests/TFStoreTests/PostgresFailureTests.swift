import Testing

@testable import TFStore

/// What callers of the store are told of PostgreSQL's errors.
@Suite struct PostgresFailureTests {
    @Test(arguments: [
        (String?("53100"), DatabaseFailure.Kind.unavailable, "the store's disk is full; make room there (words)"),
        ("55P03", .unavailable, "the store is locked by another process; try again, or see `tf-daemon doctor` (words)"),
        ("53300", .unavailable, "words"), ("57014", .unavailable, "words"), ("40001", .unavailable, "words"),
        ("08006", .unavailable, "words"), (nil, .unavailable, "words"), ("23505", .constraint, "words"),
        ("42601", .other, "words"),
    ])
    func `each kind of error says what can be done about it`(
        _ code: String?, _ kind: DatabaseFailure.Kind, _ words: String
    ) {
        let failure = PostgresFailure(code: code, message: "words").failure
        #expect(failure.kind == kind && failure.description == words)
        #expect(StoreError.isTemporary(failure) == (kind == .unavailable))
    }
}
