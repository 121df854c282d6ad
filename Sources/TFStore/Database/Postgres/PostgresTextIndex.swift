extension TextIndex {
    /// Finds words by an index of PostgreSQL for lists of words. Its own parser would find hosts and numbers where we see
    /// words.
    static let postgres = TextIndex(
        source: "search_text s",
        matches: "array_to_tsvector(string_to_array(s.words, ' ')) @@ CAST(CAST(? AS TEXT) AS tsquery)",
        latestFirst: "s.id",
        dialect: .postgres)
}
