import Foundation

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
