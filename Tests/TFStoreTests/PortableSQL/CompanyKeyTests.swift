import TestSupport
import Testing

@testable import TFStore

/// Each company's rows can be told apart by `company_id` alone, so that a server that spreads companies over several
/// machines can hold them: in a key of every table, and in every reference from one to another.
@Suite(.onBothEngines) struct CompanyKeyTests {
    /// Tables of the whole site: people, what they sign in with, the daemons. `audit` and `mended_key` may name a company.
    private static let ofSite: Set<String> = [
        "company", "account", "account_role", "session", "throttle", "recovery_code", "api_key", "password_link",
        "audit", "notice_setting", "mended_key", "idempotency_key", "parked_form", "leader", "daemon", "failing_part",
        "site_key", "search_mark", "audit_gate", "migration", "commit_mark",
    ]

    private let store: Store

    init() async throws { store = try await TestEngine.store(TestFolder.path("store")) }

    /// The tables of companies.
    private func tables() async throws -> Set<String> {
        let sql =
            switch TestEngine.current {
            case .sqlite:
                """
                SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'
                    AND name NOT LIKE 'search_index%'
                """
            case .postgres: "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = current_schema()"
            }
        let all = try await store.read { try $0.all(Row.self, sql) }
        return Set(all.map { $0[0] as String }).subtracting(Self.ofSite)
    }

    @Test func `every table of a company has its number in the primary key or in a unique key`() async throws {
        let sql =
            switch TestEngine.current {
            case .sqlite:
                """
                SELECT DISTINCT m.name FROM sqlite_master m JOIN pragma_index_list(m.name) l JOIN pragma_index_info(l.name) c
                WHERE m.type = 'table' AND l."unique" = 1 AND l.partial = 0 AND c.name = 'company_id'
                """
            case .postgres:
                """
                SELECT DISTINCT CAST(t.relname AS TEXT) FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = ANY(i.indkey)
                WHERE i.indisunique AND i.indpred IS NULL AND a.attname = 'company_id'
                """
            }
        let keyed = Set(try await store.read { try $0.all(Row.self, sql) }.map { $0[0] as String })
        let tables = try await tables()
        #expect(tables.count > 25)
        #expect(try QueryPlanner().companyTables.isDisjoint(with: Self.ofSite))
        #expect(tables.subtracting(keyed).sorted() == [])
    }

    @Test func `a row of a company refers to another one of companies by the company too`() async throws {
        let sql =
            switch TestEngine.current {
            case .sqlite:
                """
                SELECT m.name, f."table", MAX(CASE WHEN f."from" = 'company_id' AND f."to" = 'company_id' THEN 1 ELSE 0 END)
                FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
                GROUP BY m.name, f.id, f."table"
                """
            case .postgres:
                """
                SELECT CAST(t.relname AS TEXT), CAST(o.relname AS TEXT),
                    MAX(CASE WHEN a.attname = 'company_id' AND b.attname = 'company_id' THEN 1 ELSE 0 END)
                FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class o ON o.oid = c.confrelid
                CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k(own, other)
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.own
                JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = k.other
                WHERE c.contype = 'f' GROUP BY c.oid, t.relname, o.relname
                """
            }
        let references = try await store.read { try $0.all(Row.self, sql) }
        let tables = try await tables()
        var count = 0
        for row in references {
            let (table, other, isByCompany): (String, String, Int64) = (row[0], row[1], row[2])
            guard tables.contains(table), tables.contains(other) else { continue }
            count += 1
            #expect(isByCompany == 1, "from \(table) to \(other)")
        }
        #expect(count > 25)
    }
}
