import TFExpression

/// One row of a result, copied out of the database.
package struct Row: Sendable, Equatable {
    private let columns: [String]
    private let values: [SQLValue]

    init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// The value of a column. A column that does not exist or holds another type is a bug in the statement or the
    /// schema, and ends the program.
    package subscript<Value: SQLConvertible>(_ name: String) -> Value {
        guard let place = columns.firstIndex(of: name) else {
            preconditionFailure("the row has no column \(name); it has \(columns.joined(separator: ", "))")
        }
        return value(place, as: Value.self)
    }

    /// The value of a column by its index, from 0.
    package subscript<Value: SQLConvertible>(_ place: Int) -> Value { value(place, as: Value.self) }

    /// The value of a column by its index, as it is stored.
    func stored(_ place: Int) -> SQLValue { values[place] }

    /// All columns, for a person who asks for what is kept of them: moments in words, and texts of JSON as JSON.
    func json(parsing names: Set<String>) -> JSON {
        .object(
            JSONObject(
                zip(columns, values).map { name, value in
                    let isMoment = name.hasSuffix("_ms")
                    return switch value {
                    case .null: (isMoment ? String(name.dropLast(3)) : name, .null)
                    case .integer(let number):
                        isMoment ? (String(name.dropLast(3)), .string(Moment.iso8601(number))) : (name, .int(number))
                    case .real(let number): (name, .double(number))
                    case .text(let text): (name, names.contains(name) ? JSON(sqlValue: value) ?? .null : .string(text))
                    case .blob: (name, .null)
                    }
                }, uniquingKeysWith: { first, _ in first }))
    }

    private func value<Value: SQLConvertible>(_ place: Int, as type: Value.Type) -> Value {
        guard let value = Value(sqlValue: values[place]) else {
            preconditionFailure("the column \(columns[place]) holds no \(Value.self)")
        }
        return value
    }
}

/// A type that can be read from a row.
package protocol RowReadable {
    /// - Throws: `StoreError.conflict` if a column holds a word that the type does not know, or an error of decoding.
    init(row: Row) throws
}

extension Row: RowReadable {
    package init(row: Row) { self = row }
}

/// A single value is the row's first column.
extension RowReadable where Self: SQLConvertible {
    package init(row: Row) { self = row[0] }
}

extension Int64: RowReadable {}
extension Int: RowReadable {}
extension Bool: RowReadable {}
extension String: RowReadable {}
extension JSON: RowReadable {}
