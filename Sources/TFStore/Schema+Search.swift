import GRDB
import TFExpression

extension Store {
    /// What people search stands a second time in folded form (`String.folded`), and is compared there byte by byte:
    /// a database's own LOWER and LIKE know no case beyond ASCII, and no composed and decomposed writing.
    static func searchedText(_ db: Database) throws {
        try db.execute(sql: searchSchema)
        for row in try GRDB.Row.fetchAll(db, sql: "SELECT id, title, labels FROM ticket") {
            try db.execute(
                sql: "UPDATE ticket SET folded_title = ?, folded_labels = ? WHERE id = ?",
                arguments: [
                    (row["title"] as String).folded, foldedLabels(JSON(parsing: row["labels"] as String)).text,
                    row["id"] as Int64,
                ])
        }
        for row in try GRDB.Row.fetchAll(db, sql: "SELECT id, name FROM account") {
            try db.execute(
                sql: "UPDATE account SET folded_name = ? WHERE id = ?",
                arguments: [(row["name"] as String).folded, row["id"] as Int64])
        }
    }

    private static let searchSchema = """
        ALTER TABLE ticket ADD COLUMN folded_title TEXT NOT NULL DEFAULT '';
        ALTER TABLE ticket ADD COLUMN folded_labels TEXT NOT NULL DEFAULT '[]';
        ALTER TABLE account ADD COLUMN folded_name TEXT NOT NULL DEFAULT '';
        CREATE INDEX account_folded_name ON account(folded_name);
        """

    /// A ticket's labels in folded form.
    static func foldedLabels(_ labels: JSON) -> JSON {
        .strings((labels.arrayValue ?? []).compactMap { $0.stringValue?.folded })
    }
}

extension SQLQuery {
    /// Keeps the rows whose folded column holds a text.
    mutating func add(folded column: String, holds text: String) {
        add("INSTR(\(column), ?) > 0", [text])
    }
}
