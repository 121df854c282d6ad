import TFDefinition
import Testing

/// One rule for a ticket's texts, whoever gives them.
@Suite struct TicketTextsTests {
    @Test(
        arguments: [
            (["it", "vpn"], nil), ([], nil), (["it", "it"], "must be at most 20, each once"),
            ((0...20).map { "label \($0)" }, "must be at most 20, each once"),
            ([""], "must be texts of 1 to 50 characters"), ([" "], "must be texts of 1 to 50 characters"),
            ([String(repeating: "é", count: 51)], "must be texts of 1 to 50 characters"),
        ] as [([String], String?)])
    func `labels are few, each once and short`(labels: [String], problem: String?) {
        #expect(TicketTexts.problem(labels: labels) == problem)
    }

    @Test(
        arguments: [
            ("VPN", nil), (" \t", "must be a text of 1 to 200 characters"),
            (String(repeating: "x", count: 201), "must be a text of 1 to 200 characters"),
        ] as [(String, String?)])
    func `a title says something and is short`(title: String, problem: String?) {
        #expect(TicketTexts.problem(title, .title) == problem)
    }

    @Test func `labels that a workflow computes are cut, and blank and repeated ones left out`() {
        let long = String(repeating: "é", count: 60)
        #expect(TicketTexts.labels(computed: ["it", "", " ", "it", long]) == ["it", String(long.prefix(50))])
    }
}
