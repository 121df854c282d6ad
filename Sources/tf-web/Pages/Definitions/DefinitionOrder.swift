import TFDefinition
import TFEngine
import TFStore

/// The order in which a company's definitions are listed: by kind, then by title and name. A title stands in its text
/// alone, so the order is made here; a page begins behind a definition, wherever that is by now.
struct DefinitionOrder {
    /// A part of the list, with the cursors of its neighbours.
    struct Part {
        let rows: [DefinitionRow]
        let next: String?
        let previous: String?
    }

    static let kinds: [DefinitionKind] = [.workflow, .task, .ticket]

    private struct Key: Comparable {
        let kind: Int
        let title: String
        let name: String
        let id: DefinitionID

        static func < (left: Key, right: Key) -> Bool {
            (left.kind, left.title, left.name, left.id) < (right.kind, right.title, right.name, right.id)
        }
    }

    /// Of all definitions: none is ever deleted, so a cursor is good when its definition has changed its state.
    private let keys: [DefinitionID: Key]

    init(_ rows: [DefinitionRow], titled title: (DefinitionRow) -> String) {
        keys = rows.reduce(into: [:]) { keys, row in
            let kind = Self.kinds.firstIndex(of: row.kind) ?? Self.kinds.endIndex
            keys[row.id] = Key(kind: kind, title: title(row), name: row.name, id: row.id)
        }
    }

    func has(_ id: DefinitionID) -> Bool { keys[id] != nil }

    /// The page of `rows` at a cursor; the first one if there is none.
    func part(
        of rows: [DefinitionRow], at cursor: (id: DefinitionID, isBefore: Bool)?, limit: Int
    ) -> Part {
        let sorted = rows.compactMap { row in keys[row.id].map { (key: $0, row: row) } }.sorted { $0.key < $1.key }
        var shown = 0..<min(limit, sorted.count)
        if let cursor, let key = keys[cursor.id] {
            if cursor.isBefore {
                let end = sorted.firstIndex { $0.key >= key } ?? sorted.endIndex
                shown = max(0, end - limit)..<end
            } else {
                let start = sorted.firstIndex { $0.key > key } ?? sorted.endIndex
                shown = start..<min(start + limit, sorted.endIndex)
            }
        }
        let page = sorted[shown].map { $0.row }
        return Part(
            rows: page, next: shown.upperBound < sorted.endIndex ? page.last.map { "\($0.id)" } : nil,
            previous: shown.lowerBound > 0 ? page.first.map { "\($0.id)" } : nil)
    }
}
