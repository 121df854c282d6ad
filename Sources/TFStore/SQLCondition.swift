import TFExpression

/// A condition of a WHERE clause with its arguments.
struct SQLCondition {
    let sql: String
    let arguments: Arguments

    init(_ sql: String, _ arguments: Arguments = []) {
        self.sql = sql
        self.arguments = arguments
    }

    /// The conditions joined with OR; false for none.
    static func any(of parts: [SQLCondition]) -> SQLCondition {
        guard !parts.isEmpty else { return SQLCondition("1 = 0") }
        return SQLCondition(
            "(" + parts.map(\.sql).joined(separator: " OR ") + ")", parts.reduce(into: []) { $0 += $1.arguments })
    }

    /// A condition that an id is in one of several subqueries. They are joined by UNION, so that the database can use
    /// an index if few of many rows match.
    /// - Returns: no condition if there is no subquery.
    static func isIn(_ id: String, anyOf sets: [SQLCondition]) -> [SQLCondition] {
        guard !sets.isEmpty else { return [] }
        let union = sets.map(\.sql).joined(separator: " UNION ")
        return [SQLCondition("\(id) IN (\(union))", sets.reduce(into: []) { $0 += $1.arguments })]
    }

    /// A condition that a column's text has another one in it, letter by letter; an empty one is in each. By the one
    /// function for it that both engines have.
    static func holds(_ column: String, _ part: String) -> SQLCondition {
        part.isEmpty ? SQLCondition("1 = 1") : SQLCondition("REPLACE(\(column), ?, '') <> \(column)", [part])
    }

    /// A condition that a task does not exclude a login. The column holds a JSON list of logins, in which no login
    /// needs an escape; the search includes the quotes, so that `erin` does not match `erin-2`.
    static func excludesNot(_ login: String, task: String) -> SQLCondition {
        let isExcluded = holds("\(task).excluded", JSON.string(login).text)
        return SQLCondition("NOT \(isExcluded.sql)", isExcluded.arguments)
    }

    /// A condition that a member holds a company role; nil: any will do.
    /// - Parameter member: the name of a table with the columns `company_id` and `account_id`.
    static func holdsRole(_ role: String?, _ member: String) -> SQLCondition {
        role.map { SQLCondition(holdsRole(column: "?", member).sql, [$0]) } ?? SQLCondition("1 = 1")
    }

    /// The same, for the role in a column that is not NULL.
    static func holdsRole(column: String, _ member: String) -> SQLCondition {
        SQLCondition(
            """
            EXISTS (SELECT 1 FROM member_role r WHERE r.company_id = \(member).company_id
                AND r.account_id = \(member).account_id AND r.role = \(column))
            """)
    }

    /// A condition that a column has one of these values. Not every engine accepts an empty list.
    static func isOneOf(_ column: String, _ values: [some SQLConvertible]) -> SQLCondition {
        guard let last = values.last else { return SQLCondition("1 = 0") }
        // Lists of alike lengths make the same statement, which is prepared once.
        var length = 1
        while length < min(values.count, 32) { length *= 2 }
        let filled = values + Array(repeating: last, count: max(0, length - values.count))
        return SQLCondition("\(column) IN (\(marks(filled.count)))", Arguments(filled))
    }

    /// A condition that a column has none of these values; if there are any, NULL does not meet it.
    static func isNoneOf(_ column: String, _ values: [some SQLConvertible]) -> SQLCondition {
        guard !values.isEmpty else { return SQLCondition("1 = 1") }
        return SQLCondition("\(column) NOT IN (\(marks(values.count)))", Arguments(values))
    }

    private static func marks(_ count: Int) -> String { Array(repeating: "?", count: count).joined(separator: ", ") }
}

/// A statement to which conditions are added.
struct SQLQuery {
    private(set) var sql: String
    private(set) var arguments: Arguments

    init(_ sql: String, _ arguments: Arguments) {
        self.sql = sql
        self.arguments = arguments
    }

    mutating func add(_ condition: String, _ values: Arguments = []) {
        sql += " AND " + condition
        arguments += values
    }

    mutating func add(_ condition: SQLCondition) { add(condition.sql, condition.arguments) }

    mutating func end(_ text: String, _ values: Arguments) {
        sql += " " + text
        arguments += values
    }
}
