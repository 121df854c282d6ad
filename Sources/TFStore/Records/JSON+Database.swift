import Foundation
import GRDB
import TFExpression

/// JSON columns hold compact text.
extension JSON: DatabaseValueConvertible {
    package var databaseValue: DatabaseValue { text.databaseValue }

    package static func fromDatabaseValue(_ value: DatabaseValue) -> JSON? {
        guard let text = String.fromDatabaseValue(value) else { return nil }
        // A row whose value does not convert ends the program; text that is no JSON is a string, and nothing is lost.
        return (try? JSON(parsing: text)) ?? .string(text)
    }
}

/// A record that is read from rows by its properties' names in snake case.
protocol StoredRecord: FetchableRecord, Decodable, Sendable {}

extension StoredRecord {
    package static var databaseColumnDecodingStrategy: DatabaseColumnDecodingStrategy { .convertFromSnakeCase }
}

/// Codable values inside a column.
enum Column {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// Most lists are empty, and need no decoder.
    static func list<Element: Decodable>(_ type: [Element].Type, _ text: String) throws -> [Element] {
        text == "[]" ? [] : try value(type, text)
    }

    /// One of a few words that a column may hold.
    static func word<Word: RawRepresentable<String>>(_ text: String) throws -> Word {
        guard let word = Word(rawValue: text) else {
            throw StoreError.conflict("the store holds \"\(text)\", which is no \(Word.self)")
        }
        return word
    }
}

extension Database {
    /// Executes a statement that each connection prepares once.
    func perform(sql: String, arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}
