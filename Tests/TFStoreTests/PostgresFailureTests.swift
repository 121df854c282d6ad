import Testing

@testable import TFStore

/// What callers of the store are told of PostgreSQL's errors.
@Suite struct PostgresFailureTests {
    private static let away =
        "the store's PostgreSQL does not answer, or takes no changes; start it, and see store.url (words)"

    @Test(arguments: [
        (String?("53100"), DatabaseFailure.Kind.unavailable, "the store's disk is full; make room there (words)"),
        ("55P03", .unavailable, "the store is locked by another process; try again, or see `tf-daemon doctor` (words)"),
        ("53300", .unavailable, "words"), ("57014", .unavailable, "words"), ("40001", .unavailable, "words"),
        ("08006", .unavailable, away), (nil, .unavailable, away), ("57P01", .unavailable, away),
        ("25006", .unavailable, away), ("0A000", .unavailable, "words"), ("23505", .constraint, "words"),
        ("42601", .other, "words"),
    ])
    func `each kind of error says what can be done about it`(
        _ code: String?, _ kind: DatabaseFailure.Kind, _ words: String
    ) {
        let failure = PostgresFailure(code: code, message: "words").failure
        #expect(failure.kind == kind && failure.description == words)
        #expect(StoreError.isTemporary(failure) == (kind == .unavailable))
    }

    @Test(arguments: [
        (String?.none, true), ("57P03", true), ("53100", true), ("53300", false), ("57014", false), ("40001", false),
        ("55P03", false),
    ])
    func `what waiting does not end is told from a server that is busy`(_ code: String?, _ needsOperator: Bool) {
        let failure = PostgresFailure(code: code, message: "words").failure
        #expect(StoreError.needsOperator(failure) == needsOperator)
        #expect(StoreError.needsOperator(TransactionLost(cause: failure)) == needsOperator)
    }
}
