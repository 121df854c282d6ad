import Foundation

/// How each engine finds words in `search_text s`: the only statements that one engine alone knows
/// (`Database/Postgres/PostgresTextIndex.swift`).
///
/// Both find texts that have, for every word, a word that begins with it. A statement of the store is made with
/// those of the session's engine; the test that prepares every statement on PostgreSQL puts that engine's parts there.
struct TextIndex: Sendable, Hashable {
    /// The table with the words and the texts, for FROM.
    let source: String
    /// The condition; its one parameter is what `pattern` makes.
    let matches: String
    /// What grows with the making of the texts; in descending order the index itself gives the latest first.
    let latestFirst: String
    private let dialect: Dialect

    static let sqlite = TextIndex(
        source: "search_index CROSS JOIN search_text s ON s.id = search_index.rowid",
        matches: "search_index MATCH ?", latestFirst: "search_index.rowid", dialect: .sqlite)

    init(_ dialect: Dialect) {
        switch dialect {
        case .sqlite: self = .sqlite
        case .postgres: self = .postgres
        }
    }

    init(source: String, matches: String, latestFirst: String, dialect: Dialect) {
        self.source = source
        self.matches = matches
        self.latestFirst = latestFirst
        self.dialect = dialect
    }

    /// The words to find, in the engine's syntax; nil: there are none.
    /// - Parameter words: as `SearchWords` makes them.
    func pattern(_ words: [String]) -> String? {
        guard !words.isEmpty else { return nil }
        switch dialect {
        case .sqlite: return words.map { "\"\($0)\"*" }.joined(separator: " ")
        case .postgres: return words.map { "'\($0)':*" }.joined(separator: " & ")
        }
    }
}
