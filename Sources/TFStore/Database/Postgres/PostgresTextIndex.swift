extension TextIndex {
    /// Finds words by an index of PostgreSQL for lists of words.
    static let postgres = TextIndex(
        source: "search_text s",
        matches: """
            array_to_tsvector(\(words(of: "s.text"))) @@ CAST((
                SELECT string_agg(quote_literal(word) || ':*', ' & ') FROM unnest(\(words(of: "CAST(? AS TEXT)"))) word
            ) AS tsquery)
            """, latestFirst: "s.id", dialect: .postgres)

    /// For PostgreSQL: the words of a text without case and accents, which are letters and digits, cut to 64 of them. The
    /// database's own collation knows those of ASCII only, and its parser finds hosts and numbers where we see words.
    private static func words(of text: String) -> String {
        #"""
        array_remove(string_to_array(regexp_replace(regexp_replace(regexp_replace(
            lower(normalize(\#(text), NFD) COLLATE "und-x-icu"),
            '[\u0300-\u036f]+', '', 'g'), '[^[:alnum:]]+', ' ', 'g'), '([^ ]{64})[^ ]+', '\1', 'g'), ' '), '')
        """#
    }
}
