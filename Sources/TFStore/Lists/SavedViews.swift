import TFDefinition
import TFEngine

/// Of a saved view.
package struct SavedViewID: RowID {
    package let rawValue: Int64
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

extension SavedViewID: SQLConvertible, RowReadable {}

/// A list's conditions under a name.
package struct SavedView: RowReadable, Sendable, Hashable {
    /// The list that it is a view of: the column `saved_view.list`.
    package enum List: String, Sendable, Hashable, CaseIterable {
        case tickets
        case tasks
    }

    /// How many views of a list somebody can have.
    package static let limit = 20

    package let id: SavedViewID
    package let accountID: AccountID
    package let name: String
    /// The query of the list's address, without `?`.
    package let query: String
    /// The company role whose holders have it too; nil: only its owner has it.
    package let role: String?

    package init(row: Row) {
        id = row["id"]
        accountID = row["account_id"]
        name = row["name"]
        query = row["query"]
        role = row["role"]
    }
}

/// A list's conditions as somebody keeps them.
package struct NewSavedView: Sendable {
    package let list: SavedView.List
    package let name: String
    /// The query of the list's address, without `?`.
    package let query: String
    /// The company role whose holders have it too; nil: only its owner has it.
    package let role: String?

    package init(of list: SavedView.List, named name: String, query: String, sharedWith role: String?) {
        self.list = list
        self.name = name
        self.query = query
        self.role = role
    }
}

extension CompanyReadSession {
    /// The views of a list that an account has: its own, and those that are shared with one of its company roles.
    /// Its own come first, so that no colleague's push them out.
    package func savedViews(
        of list: SavedView.List, for account: AccountID, roles: Set<String>
    ) throws -> [SavedView] {
        let isShared = SQLCondition.isOneOf("role", roles.sorted())
        return try all(
            SavedView.self,
            """
            SELECT id, account_id, name, query, role FROM saved_view
            WHERE company_id = ? AND list = ? AND (account_id = ? OR \(isShared.sql))
            ORDER BY CASE WHEN account_id = ? THEN 0 ELSE 1 END, name, id LIMIT ?
            """, [company, list.rawValue, account] + isShared.arguments + [account, 2 * SavedView.limit])
    }

    /// - Throws: `StoreError.invalid` for a name that does not fit, or a role that the company does not have.
    fileprivate func check(_ name: String, sharedWith role: String?) throws {
        guard name.contains(where: { !$0.isWhitespace }) else {
            throw StoreError.invalid([FieldError(field: "name", message: "Enter a name for the view")])
        }
        if let error = FieldError.unfit(name, .label, field: "name", label: "Name") {
            throw StoreError.invalid([error])
        }
        guard let role else { return }
        let isThere = try first(
            Bool.self, "SELECT 1 FROM company_role WHERE company_id = ? AND name = ?", [company, role])
        guard isThere == true else {
            throw StoreError.invalid([FieldError(field: "role", message: "There is no role \"\(role)\" here")])
        }
    }
}

extension CompanyWriteSession {
    /// Saves a view; one of the same name is replaced.
    /// - Returns: whether there was one.
    /// - Throws: `StoreError.invalid` for a name or role that does not fit, or too many views.
    @discardableResult
    package func save(_ view: NewSavedView, by account: AccountID, now: Int64) throws -> Bool {
        let (list, name) = (view.list, view.name)
        try check(name, sharedWith: view.role)
        let others = try first(
            Int.self,
            "SELECT COUNT(*) FROM saved_view WHERE company_id = ? AND account_id = ? AND list = ? AND name <> ?",
            [company, account, list.rawValue, name])
        guard (others ?? 0) < SavedView.limit else {
            throw StoreError.invalid([
                FieldError(field: "name", message: "You have \(SavedView.limit) views; delete one first")
            ])
        }
        let same = try first(
            Bool.self, "SELECT 1 FROM saved_view WHERE company_id = ? AND account_id = ? AND list = ? AND name = ?",
            [company, account, list.rawValue, name])
        try run(
            """
            INSERT INTO saved_view (company_id, account_id, list, name, query, role, created_at_ms)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (company_id, account_id, list, name) DO UPDATE SET query = excluded.query, role = excluded.role
            """, [company, account, list.rawValue, name, view.query, view.role, now])
        return same == true
    }

    /// Gives an account's own view another name, and shares it with another role or nobody.
    /// - Throws: `StoreError.notFound` if it is not theirs; as `save`.
    package func renameView(
        _ id: SavedViewID, to name: String, sharedWith role: String?, by account: AccountID
    ) throws {
        try check(name, sharedWith: role)
        let isTaken = try first(
            Bool.self,
            """
            SELECT 1 FROM saved_view v JOIN saved_view o
                ON o.company_id = v.company_id AND o.account_id = v.account_id AND o.list = v.list AND o.id <> v.id
            WHERE v.company_id = ? AND v.id = ? AND v.account_id = ? AND o.name = ?
            """, [company, id, account, name])
        guard isTaken != true else {
            throw StoreError.invalid([FieldError(field: "name", message: "You have another view of this name")])
        }
        let changed = try changedRows(
            "UPDATE saved_view SET name = ?, role = ? WHERE company_id = ? AND id = ? AND account_id = ?",
            [name, role, company, id, account])
        guard changed > 0 else { throw StoreError.notFound }
    }

    /// Deletes an account's own view, for all with whom it is shared.
    /// - Throws: `StoreError.notFound` if it is not theirs.
    package func deleteView(_ id: SavedViewID, by account: AccountID) throws {
        let changed = try changedRows(
            "DELETE FROM saved_view WHERE company_id = ? AND id = ? AND account_id = ?", [company, id, account])
        guard changed > 0 else { throw StoreError.notFound }
    }
}
