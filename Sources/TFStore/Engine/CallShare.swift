import TFEngine

/// How the requests that may be under way at a time are shared between companies.
///
/// A company that has none under way gets a place at once, however many others have servers that hang. Further places
/// come from a common number, and a company may take one of these only while it has fewer than are still free, so that
/// one company alone gets far and many get something.
/// Source: dynamic thresholds (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet switches",
/// 1998), with a factor of one.
package struct CallShare: Sendable, Hashable {
    /// Requests of one company that may be under way at a time.
    package static let limitOfCompany = 8
    /// All that may be under way at a time, for the sake of descriptors.
    private static let limitOfAll = 256

    /// The common places, besides the first of each company.
    private let commonPlaces: Int
    private var running: [CompanyID: Int] = [:]
    private var total = 0

    package init(commonPlaces: Int) { self.commonPlaces = commonPlaces }

    /// The requests of a company that are under way.
    package subscript(company: CompanyID) -> Int { running[company] ?? 0 }

    /// Takes a place for a company.
    /// - Returns: false where it has to wait.
    package mutating func take(_ company: CompanyID) -> Bool {
        let held = self[company]
        let free = commonPlaces - (total - running.count)
        guard total < Self.limitOfAll, held == 0 || (held < Self.limitOfCompany && held < free) else { return false }
        running[company] = held + 1
        total += 1
        return true
    }

    package mutating func give(_ company: CompanyID) {
        running[company] = self[company] > 1 ? self[company] - 1 : nil
        total -= 1
    }
}
