import TFEngine

/// A session that reads the data of one company from one snapshot.
///
/// Tickets, tasks, definitions and everything else that belongs to a company are reached only through such a session:
/// its methods take no company, and each selects only rows of its own. Data of the whole site, such as accounts, is in
/// `site`.
package class CompanyReadSession {
    private let readSite: ReadSession
    private var knownRecord: Company?
    /// The company whose data it reads.
    package let company: CompanyID

    init(of site: ReadSession, _ company: CompanyID) {
        readSite = site
        self.company = company
    }

    /// The session of the whole site, on the same snapshot or transaction.
    package var site: ReadSession { readSite }

    var store: Store { site.store }
    var caller: Caller? { site.caller }
    var revisions: RevisionCache { site.revisions }
    var baseURL: String { site.baseURL }
    var mark: HandlingMark { site.mark }

    /// The company's row, read once per session.
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

/// A session that changes the data of one company in one transaction. Its first statement locks the company, so that
/// what it reads stays so until it has written.
package final class CompanyWriteSession: CompanyReadSession {
    private let writeSite: WriteSession

    init(of site: WriteSession, _ company: CompanyID) {
        writeSite = site
        super.init(of: site, company)
    }

    /// The session of the whole site, on the same snapshot or transaction.
    package override var site: WriteSession { writeSite }

    override func first<Value: RowReadable>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> Value? {
        try site.connection.lock(company)
        return try super.first(type, sql, arguments)
    }

    override func first<Value: RowReadable & SQLConvertible>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> Value? {
        try site.connection.lock(company)
        return try super.first(type, sql, arguments)
    }

    override func all<Value: RowReadable>(
        _ type: Value.Type = Value.self, _ sql: String, _ arguments: Arguments = []
    ) throws -> [Value] {
        try site.connection.lock(company)
        return try super.all(type, sql, arguments)
    }

    /// Runs a statement as `WriteSession.run` does.
    func run(_ sql: String, _ arguments: Arguments = []) throws {
        try site.connection.lock(company)
        try site.run(sql, arguments)
    }

    /// Runs a statement that changes rows, and tells how many it has changed.
    func changedRows(_ sql: String, _ arguments: Arguments = []) throws -> Int {
        try site.connection.lock(company)
        return try site.changedRows(sql, arguments)
    }

    /// Runs a block in a savepoint: if it throws, only its own changes are undone.
    func savepoint<Value>(_ body: () throws -> Value) throws -> Value { try site.savepoint(body) }
}
