/// The text of a table of accounts.
enum TableText {
    /// How large a table may be.
    static let limitBytes = 8 << 20

    /// Spreadsheets write other encodings unless they are told: the line says where to look.
    /// - Parameter bytes: of which one more than the limit is enough to be refused.
    /// - Throws: `AccountImport.Refusal` for a table that is too large, or is not in UTF-8.
    static func checked(_ bytes: [UInt8]) throws(AccountImport.Refusal) -> String {
        guard bytes.count <= limitBytes else {
            throw AccountImport.Refusal(problems: [
                "the table is above \(limitBytes >> 20) MiB; import it in parts, each with the line of the columns"
            ])
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw AccountImport.Refusal(problems: [
                "line \(firstForeignLine(bytes)): a character is not in UTF-8; save the table as \"CSV UTF-8\""
            ])
        }
        return text
    }

    /// The number of the first line that is not in UTF-8. No character of UTF-8 has the byte of a line's end in it.
    private static func firstForeignLine(_ bytes: [UInt8]) -> Int {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let index = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil }
        return (index ?? 0) + 1
    }
}
