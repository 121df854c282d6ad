import TFDefinition

/// What came of drawing a workflow's revision.
package enum DrawnDiagram: Sendable, Hashable {
    /// As Graphviz wrote it, with the markers of `DotSource`.
    case svg(String)
    case refused(Refusal)

    /// Why there is no picture.
    package enum Refusal: String, Sendable, CaseIterable {
        /// The workflow has more steps and ways than a picture may have.
        case size
        /// Drawing took more time, memory or output than it may.
        case limits
        /// Graphviz ended with an error.
        case failure
    }
}

extension ReadSession {
    /// The next revision of a workflow that nobody has tried to draw.
    /// - Parameter last: only revisions published after this one; 0: any.
    package func undrawnWorkflow(after last: Int64) throws -> Int64? {
        try first(
            Int64.self,
            """
            SELECT r.id FROM revision r JOIN definition d ON d.id = r.definition_id
            WHERE r.id > ? AND d.kind = 'workflow'
                AND NOT EXISTS (SELECT 1 FROM diagram g WHERE g.revision_id = r.id)
            ORDER BY r.id LIMIT 1
            """, [last])
    }

    /// A revision's diagram; nil: it is not drawn yet.
    package func diagram(of revision: Int64) throws -> DrawnDiagram? {
        let row = try first(Row.self, "SELECT svg, refused FROM diagram WHERE revision_id = ?", [revision])
        guard let row else { return nil }
        if let svg: String = row["svg"] { return .svg(svg) }
        let refused: String? = row["refused"]
        return .refused(refused.flatMap(DrawnDiagram.Refusal.init(rawValue:)) ?? .failure)
    }
}

extension WriteSession {

    /// Keeps what came of drawing a revision, for good.
    package func keep(_ diagram: DrawnDiagram, of revision: Int64, leader: Leadership, now: Int64) throws {
        let (svg, refused): (String?, String?) =
            switch diagram {
            case .svg(let svg): (svg, nil)
            case .refused(let refusal): (nil, refusal.rawValue)
            }

        try check(leader, now: now)
        try run(
            """
            INSERT INTO diagram (revision_id, svg, refused, drawn_at_ms) VALUES (?, ?, ?, ?)
            ON CONFLICT (revision_id) DO NOTHING
            """, [revision, svg, refused, now])
    }
}
