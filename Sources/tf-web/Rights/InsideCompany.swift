import TFStore

/// What an address names inside a company that the visitor may enter.
protocol InsideCompany: RouteSubject {
    var company: Company { get }
    var account: Account { get }
}

extension InCompany: InsideCompany {}
extension OnDefinition: InsideCompany {}
