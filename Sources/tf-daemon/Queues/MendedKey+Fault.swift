import TFQueue
import TFStore

extension MendedKey {
    /// What was wrong with a key that was put right, as the store keeps it.
    init(_ fault: KeyFault, company: String?, atMs: Int64) {
        let expected = fault.key.kind.type
        let (finding, found): (Finding, String) =
            switch fault.finding {
            case .type(let type): (.type, type)
            case .content: (.content, expected)
            case .expiry: (.expiry, expected)
            }
        self.init(
            name: fault.key.name, company: company, finding: finding, types: (found: found, expected: expected),
            atMs: atMs)
    }

    /// What was found, in words for an operator.
    var found: String {
        let finding: KeyFault.Finding =
            switch finding {
            case .type: .type(foundType)
            case .content: .content
            case .expiry: .expiry
            }
        return finding.words(of: expectedType)
    }

    /// What it has to be, in the same words.
    var expected: String { "a \(expectedType)" }
}
