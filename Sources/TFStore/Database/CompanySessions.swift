import TFEngine

/// One snapshot of what belongs to one company.
///
/// Tickets, tasks, definitions and all else that is a company's are only reached through such a session: none of its
/// methods takes a company, and each asks for rows of its own. What the whole site has, such as accounts, is in `site`.
package class CompanyReadSession {
    private let readSite: ReadSession
    private var knownRecord: Company?
    package let company: CompanyID

    init(of site: ReadSession, _ company: CompanyID) {
        readSite = site
        self.company = company
    }

    /// The session that this one is a part of.
    package var site: ReadSession { readSite }

    var store: Store { site.store }
    var caller: Caller? { site.caller }
    var revisions: RevisionCache { site.revisions }
    var baseURL: String { site.baseURL }
    var mark: HandlingMark { site.mark }

    /// The company's own row.
    package func companyRecord() throws -> Company {
        if let knownRecord { return knownRecord }
        let record = try site.company(company)
        knownRecord = record
        return record
    }

    func first<Value: RowReadable>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> Value? {
        try site.first(type, sql, arguments)
    }

    func first<Value: RowReadable & SQLConvertible>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> Value? {
        try site.first(type, sql, arguments)
    }

    func all<Value: RowReadable>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> [Value] {
        try site.all(type, sql, arguments)
    }
}

/// One transaction on what belongs to one company.
package final class CompanyWriteSession: CompanyReadSession {
    private let writeSite: WriteSession

    init(of site: WriteSession, _ company: CompanyID) {
        writeSite = site
        super.init(of: site, company)
    }

    /// The session that this one is a part of.
    package override var site: WriteSession { writeSite }

    @discardableResult
    func run(_ sql: String, _ arguments: Arguments = []) throws -> Int { try site.run(sql, arguments) }

    /// A part that is undone alone where it throws.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value { try site.savepoint(body) }
}
