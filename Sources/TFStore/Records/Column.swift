import Foundation

/// Reads and writes columns that hold JSON or one of a set of words.
enum Column {
    static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    static func value<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// Decodes a list. Most lists are empty and need no decoder.
    static func list<Element: Decodable>(_ type: [Element].Type, _ text: String) throws -> [Element] {
        text == "[]" ? [] : try value(type, text)
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
