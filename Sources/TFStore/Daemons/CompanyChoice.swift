import TFEngine

/// The companies that some work of a daemon is about.
struct CompanyChoice: Sendable, Hashable {
    /// nil: all of them.
    private let only: Set<CompanyID>?
    private let except: Set<CompanyID>

    /// The companies that a daemon leads, but for some.
    /// - Parameter leader: nil: all.
    init(of leader: Leadership?, except: Set<CompanyID> = []) {
        only = if case .companies(let epochs) = leader?.reach { Set(epochs.keys) } else { nil }
        self.except = except
    }

    static let all = CompanyChoice(of: nil)

    func contains(_ company: CompanyID) -> Bool {
        !except.contains(company) && only?.contains(company) != false
    }

    /// The condition for a column with a company's id.
    func condition(_ column: String = "company_id") -> SQLCondition {
        if let only { return .isOneOf(column, only.subtracting(except).sorted()) }
        return .isNoneOf(column, except.sorted())
    }
}
