import Foundation
import TFDefinition
import TFEngine
import TFExpression

/// Reads and writes columns that hold JSON or one of a set of words.
enum Column {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    static func text(_ fields: [AnsweredField]) -> String { JSON.array(fields.map(\.json)).text }

    /// The fields of answers, as `text` wrote them. Every page of a ticket or task reads some, so without `Codable`, which
    /// takes several times as long.
    /// - Throws: `JSONSyntaxError`, or `StoreError.conflict` for JSON that is no list of fields.
    static func fields(_ text: String) throws -> [AnsweredField] {
        guard text != "[]" else { return [] }
        let values = try JSON(parsing: text).arrayValue
        let fields = (values ?? []).compactMap { AnsweredField($0) }
        guard fields.count == values?.count else {
            throw StoreError.conflict("the store holds \"\(text.prefix(80))\", which is no list of answered fields")
        }
        return fields
    }

    /// The pinned revisions of an instance, by the names of the definitions. Every step that opens a task reads them.
    /// - Throws: `JSONSyntaxError`, or `StoreError.conflict` for JSON that is no object of ids.
    static func pins(_ text: String) throws -> [String: RevisionID] {
        guard let members = try JSON(parsing: text).objectValue else {
            throw StoreError.conflict("the store holds \"\(text.prefix(80))\", which is no object of revisions")
        }
        return try members.reduce(into: [:]) { pins, pin in
            guard let revision = pin.value.intValue else {
                throw StoreError.conflict("the store holds \(pin.value.text) for \(pin.key), which is no revision")
            }
            pins[pin.key] = RevisionID(revision)
        }
    }

    /// A moment in a column where a number that never comes stands for none.
    static func moment(_ milliseconds: Int64) -> Int64? { milliseconds == .max ? nil : milliseconds }

    /// Why a task is unassigned, of a row with the columns `waiting_reason` and `waiting_facts`; nil: the reason is NULL.
    static func waiting(_ row: Row) throws -> WaitingReason? {
        try (row["waiting_reason"] as String?).map { WaitingReason(try word($0), facts: row["waiting_facts"] ?? .null) }
    }

    /// The enum case of a word in a column.
    /// - Throws: `StoreError.conflict` for a word that the enum does not have.
    static func word<Word: RawRepresentable<String>>(_ text: String) throws -> Word {
        guard let word = Word(rawValue: text) else {
            throw StoreError.conflict("the store holds \"\(text)\", which is not a \(Word.self)")
        }
        return word
    }
}
