import TFEngine

/// Shares the number of simultaneous HTTP requests between companies.
///
/// A company without a running request always gets one, however many requests of other companies hang. More requests
/// come from a common pool, and a company gets one of these only while it has fewer requests than the pool has free
/// places, so that a single company gets many and each of many companies gets some.
/// Source: dynamic thresholds (Choudhury and Hahne, "Dynamic queue length thresholds for shared-memory packet
/// switches", 1998), with a factor of one.
package struct CallShare: Sendable, Hashable {
    /// The largest number of simultaneous requests of one company.
    package static let limitOfCompany = 8
    /// The largest number of all simultaneous requests, because each needs a file descriptor.
    private static let limitOfAll = 256

    /// The size of the common pool, besides the first request of each company.
    private let commonPlaces: Int
    private var running: [CompanyID: Int] = [:]
    private var total = 0

    package init(commonPlaces: Int) { self.commonPlaces = commonPlaces }

    /// The number of a company's running requests.
    package subscript(company: CompanyID) -> Int { running[company] ?? 0 }

    /// Counts a new request of a company.
    /// - Returns: false if the request has to wait.
    package mutating func take(_ company: CompanyID) -> Bool {
        let held = self[company]
        let free = commonPlaces - (total - running.count)
        guard total < Self.limitOfAll, held == 0 || (held < Self.limitOfCompany && held < free) else { return false }
        running[company] = held + 1
        total += 1
        return true
    }

    /// Counts a finished request of a company.
    package mutating func give(_ company: CompanyID) {
        running[company] = self[company] > 1 ? self[company] - 1 : nil
        total -= 1
    }
}
