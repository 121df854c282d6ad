import CSQLite
import Foundation

@testable import TFStore

/// How SQLite finds the rows of a statement.
struct QueryPlan {
    /// The tables of which it reads every row, or a whole index.
    let scanned: [String]
    /// Whether it sorts what it found, since no index gives the order.
    let sorts: Bool
}

/// Plans statements for an empty store of our schema: without statistics, SQLite's choice depends on the statement and
/// the indexes alone, as on every site.
final class QueryPlanner {
    private var connection: OpaquePointer?
    /// The names of the schema's tables.
    private(set) var tables: Set<String> = []
    /// Those with a company in each row, and the views of them; not the ones of the whole site that may name a company.
    private(set) var companyTables: Set<String> = []
    /// The indexes with a condition: to read all of one is to read what fits it.
    private var partial: Set<String> = []

    init() throws {
        let schema = Migration.all.map { $0.sql(.sqlite) }.joined(separator: "\n")
        guard sqlite3_open(":memory:", &connection) == SQLITE_OK,
            sqlite3_exec(connection, schema, nil, nil, nil) == SQLITE_OK
        else { throw PlanError(message: String(cString: sqlite3_errmsg(connection))) }
        tables = Set(try rows("SELECT name FROM sqlite_master WHERE type = 'table'", column: 0))
        companyTables = Set(
            try rows(
                """
                SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c
                WHERE c.name = 'company_id' AND (c."notnull" = 1 OR m.type = 'view')
                """, column: 0))
        partial = Set(
            try rows("SELECT name FROM sqlite_master WHERE type = 'index' AND INSTR(sql, ' WHERE ') > 0", column: 0))
    }

    deinit { sqlite3_close(connection) }

    struct PlanError: Error {
        let message: String
    }

    /// - Parameter words: the statement, with single spaces.
    func plan(_ words: String) throws -> QueryPlan {
        let steps = try rows("EXPLAIN QUERY PLAN " + words, column: 3)
        let sorts = steps.contains { $0.contains("USE TEMP B-TREE FOR ORDER BY") }
        // What is in the order of an index ends with the page.
        let endsEarly = words.firstMatch(of: /ORDER BY [^()]* LIMIT (\?|\d+)$/) != nil && !sorts
        return QueryPlan(scanned: endsEarly ? [] : steps.compactMap { scannedTable($0, of: words) }, sorts: sorts)
    }

    private func scannedTable(_ step: String, of words: String) -> String? {
        guard let found = step.firstMatch(of: /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/),
            !step.contains("VIRTUAL TABLE"), found.2.map({ !partial.contains(String($0)) }) ?? true
        else { return nil }
        let name = String(found.1)
        if tables.contains(name) { return name }
        // It is the alias of a table, or of a subquery, whose own steps are told as well.
        return words.matches(of: /(\w+) (?:AS )?(\w+)/).map { (table: String($0.1), alias: String($0.2)) }
            .first { $0.alias == name && tables.contains($0.table) }?.table
    }

    private func rows(_ sql: String, column: Int32) throws -> [String] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else {
            throw PlanError(message: "\(String(cString: sqlite3_errmsg(connection))): \(sql)")
        }
        defer { sqlite3_finalize(statement) }
        var rows: [String] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append(String(cString: sqlite3_column_text(statement, column)))
        }
        return rows
    }
}
