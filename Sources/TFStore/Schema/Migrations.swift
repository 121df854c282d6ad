import TFSystem

/// The schema's history, the same on every engine: what is released is never edited, changes are appended.
///
/// The texts lie beside this file. In them `{id}` stands for a number that a row is given and that no other row of the
/// table ever has again.
struct Migration: Sendable {
    let number: Int
    /// In their order: a table stands behind those that it refers to.
    let texts: [[UInt8]]

    /// Until the first release there is one, which may still be edited: a store that an earlier text made is refused by
    /// its digest.
    static let all = [
        Migration(
            number: 1,
            texts: [
                PackageResources.accounts_sql, PackageResources.definitions_sql, PackageResources.diagrams_sql,
                PackageResources.tickets_sql, PackageResources.engine_sql, PackageResources.tasks_sql,
                PackageResources.timeline_sql, PackageResources.queues_sql, PackageResources.requests_sql,
            ])
    ]

    /// The statements as an engine says them.
    /// - Parameter id: the type of a row's number there.
    func sql(id: String) -> String {
        texts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n").replacing("{id}", with: id)
    }

    /// The SHA-256 of statements without their comments and white space: what a store remembers of how it was made.
    static func digest(of sql: String) -> String {
        let lines = sql.split(separator: "\n").map { line in
            String(line.firstRange(of: "--").map { line[..<$0.lowerBound] } ?? line)
        }
        return Digest.sha256(lines.joined().utf8.filter { $0 > UInt8(ascii: " ") }).hexadecimal
    }
}
