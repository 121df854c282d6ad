import TFEngine
import TFExpression

/// Replaces a person's names in all columns that may hold them, some rows at a time: found in a snapshot, and changed in
/// a short transaction if they are still as they were.
extension Store {
    private static let rowsAtOnce = 100

    /// Goes through all columns once.
    /// - Returns: how many rows were changed, by table.
    func replaceNames(_ replacement: NameReplacement) async throws -> [StoreTable: Int] {
        var changed: [StoreTable: Int] = [:]
        for naming in NamingColumns.all {
            let count = try await replaceNames(replacement, in: naming)
            if count > 0 { changed[naming.table] = count }
        }
        let count = try await replaceSearched(replacement)
        if count > 0 { changed[.searchText] = count }
        return changed
    }

    private func replaceNames(_ replacement: NameReplacement, in naming: NamingColumns) async throws -> Int {
        var last: [SQLValue] = []
        var count = 0
        while true {
            let rows = try await read { [last] in
                try $0.rows(of: naming, after: last, naming: replacement.needles, limit: Self.rowsAtOnce)
            }
            guard let end = rows.last else { return count }
            last = naming.key.indices.map { end.stored($0) }
            count += try await writeAside { try $0.replace(rows, of: naming, replacement) }
        }
    }

    private func replaceSearched(_ replacement: NameReplacement) async throws -> Int {
        var (last, count) = (SearchTextID(0), 0)
        while true {
            let rows = try await read { [last] in
                try $0.searched(after: last, naming: replacement.needles, limit: Self.rowsAtOnce)
            }
            guard let end = rows.last else { return count }
            last = end["id"]
            count += try await writeAside { try $0.replaceSearched(rows, replacement) }
        }
    }
}

extension ReadSession {
    /// Rows with a part of a name in one of the columns, by their key.
    /// - Parameter last: the key of the last row of the page before; empty: the first page.
    fileprivate func rows(
        of naming: NamingColumns, after last: [SQLValue], naming needles: [String], limit: Int
    ) throws -> [Row] {
        let key = naming.key.joined(separator: ", ")
        let columns = naming.columns.map(\.name).joined(separator: ", ")
        let marks = naming.key.map { _ in "?" }.joined(separator: ", ")
        let after = last.isEmpty ? "1 = 1" : "(\(key)) > (\(marks))"
        let isNaming = Self.isNaming(naming.columns.map(\.name), needles)
        return try all(
            Row.self,
            """
            SELECT \(key), \(columns) FROM \(naming.table.rawValue)
            WHERE \(after) AND \(isNaming.sql) ORDER BY \(key) LIMIT ?
            """, Arguments(last) + isNaming.arguments + [limit])
    }

    fileprivate func searched(after last: SearchTextID, naming needles: [String], limit: Int) throws -> [Row] {
        let isNaming = Self.isNaming(["text"], needles)
        return try all(
            Row.self, "SELECT * FROM search_text WHERE id > ? AND \(isNaming.sql) ORDER BY id LIMIT ?",
            [last] + isNaming.arguments + [limit])
    }

    private static func isNaming(_ columns: [String], _ needles: [String]) -> SQLCondition {
        .any(of: columns.flatMap { column in needles.map { .holds(column, $0) } })
    }

    /// How many rows of each table have a name in them, be it as a part of another word.
    func countNames(_ replacement: NameReplacement) throws -> [StoreTable: Int] {
        var counts: [StoreTable: Int] = [:]
        for naming in NamingColumns.all {
            let isNaming = Self.isNaming(naming.columns.map(\.name), replacement.needles)
            let count = try first(
                Int.self, "SELECT COUNT(*) AS naming FROM \(naming.table.rawValue) WHERE \(isNaming.sql)",
                isNaming.arguments)
            if let count, count > 0 { counts[naming.table] = count }
        }
        return counts
    }

    /// The files of definitions in force that name a login; they are not changed.
    func definitions(naming replacement: NameReplacement) throws -> [String] {
        let isNaming = Self.isNaming(["r.source"], replacement.needles)
        return try all(
            Row.self,
            """
            SELECT d.file, r.source FROM revision r
            JOIN definition d ON d.company_id = r.company_id AND d.id = r.definition_id
            WHERE r.is_current = 1 AND d.state <> 'retired' AND \(isNaming.sql) ORDER BY d.file
            """, isNaming.arguments
        ).filter { replacement.text($0["source"], isOurs: true) != $0["source"] as String }.map { $0["file"] }
    }
}

/// A change of a row that replaces names in it, if the row is still as it was read.
struct NameChange {
    fileprivate let naming: NamingColumns
    fileprivate let key: [SQLValue]
    fileprivate let old: [SQLValue]
    fileprivate let new: [SQLValue]

    /// What follows `SET`.
    var assignments: String { naming.columns.map { "\($0.name) = ?" }.joined(separator: ", ") }

    /// The condition that it is this row.
    var isRow: String { naming.key.map { "\($0) = ?" }.joined(separator: " AND ") }

    /// The condition that the row is still as it was read.
    var isUnchanged: String { naming.columns.map { "\($0.name) IS NOT DISTINCT FROM ?" }.joined(separator: " AND ") }

    /// For `assignments`, `isRow` and `isUnchanged`, in this order.
    var arguments: Arguments { Arguments(new + key + old) }
}

extension NameReplacement {
    /// The change that replaces the names in a row; nil: nothing is to be replaced.
    fileprivate func change(_ row: Row, _ naming: NamingColumns) -> NameChange? {
        let old = naming.columns.indices.map { row.stored(naming.key.count + $0) }
        let new = zip(naming.columns, old).map { column, value -> SQLValue in
            guard case .text(let text) = value else { return value }
            return .text(replaced(text, column.kind))
        }
        guard old != new else { return nil }
        return NameChange(naming: naming, key: naming.key.indices.map { row.stored($0) }, old: old, new: new)
    }

    func replaced(_ text: String, _ kind: NamingColumns.Kind) -> String {
        if kind == .ours { return self.text(text, isOurs: true) }
        let depth = kind == .state ? InstanceState.depth : JSON.maximumDepth
        guard kind != .text, let json = try? JSON(parsing: text, depth: depth) else { return self.text(text) }
        let new = self.json(json, isState: kind == .state)
        // What has no name in it stays as it was written.
        return new == json ? text : new.text
    }
}

extension WriteSession {
    fileprivate func replace(
        _ rows: [Row], of naming: NamingColumns, _ replacement: NameReplacement
    ) throws -> Int {
        try changingAudit(naming.table == .audit) {
            try rows.compactMap { replacement.change($0, naming) }.reduce(0) { count, change in
                count + (try naming.table == .task ? replaceTaskNames(change) : replaceNames(change))
            }
        }
    }

    private func replaceNames(_ change: NameChange) throws -> Int {
        try changedRows(
            """
            UPDATE \(change.naming.table.rawValue) SET \(change.assignments)
            WHERE \(change.isRow) AND \(change.isUnchanged)
            """, change.arguments)
    }

    /// Lets names in the audit log be replaced during the body, if asked to.
    func changingAudit<Value>(_ isAudit: Bool = true, _ body: () throws -> Value) throws -> Value {
        guard isAudit else { return try body() }
        try run("UPDATE audit_gate SET is_open = 1 WHERE id = 1")
        let value = try body()
        try run("UPDATE audit_gate SET is_open = 0 WHERE id = 1")
        return value
    }

    /// A text's words are indexed when it is added, so that it is added anew.
    /// - Returns: how many texts were replaced.
    @discardableResult
    func replaceSearched(_ rows: [Row], _ replacement: NameReplacement) throws -> Int {
        var count = 0
        for row in rows {
            let (company, id, old): (CompanyID, SearchTextID, String) = (row["company_id"], row["id"], row["text"])
            let new = replacement.text(old)
            guard new != old,
                try changedRows(
                    "DELETE FROM search_text WHERE company_id = ? AND id = ? AND text = ?",
                    [company, id, old]) > 0
            else { continue }
            try run(
                """
                INSERT INTO search_text (company_id, ticket_id, kind, task_id, audience, account_id, text, words)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    company, row["ticket_id"] as TicketID, row["kind"] as String, row["task_id"] as TaskID?,
                    row["audience"] as String, row["account_id"] as AccountID, new, SearchWords.column(new),
                ])
            count += 1
        }
        if count > 0 { try indexNewTexts() }
        return count
    }
}
