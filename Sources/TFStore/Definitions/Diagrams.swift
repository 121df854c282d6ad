import Synchronization
import TFDefinition
import TFEngine

/// What came of drawing a workflow's revision.
package enum DrawnDiagram: Sendable, Hashable {
    /// As Graphviz wrote it, with the markers of `DotSource`.
    case svg(String)
    case refused(Refusal)

    /// Why there is no picture.
    package enum Refusal: String, Sendable, CaseIterable {
        /// The workflow has more steps and ways than a picture may have, or its picture is larger than one may be.
        case size
        /// Drawing took longer than it may.
        case limits
        /// Graphviz ended with an error.
        case failure
    }
}

/// A drawn workflow as a page fills it in.
package enum DiagramSkeleton: Sendable, Hashable {
    case pieces([Piece])
    case refused(DrawnDiagram.Refusal)
}

/// Diagrams that pages have shown, cut at their markers. A revision is drawn once for good, so what is here is never stale.
final class DiagramCache: Sendable {
    /// Of all pictures that are kept in memory.
    private static let limitBytes = 8 << 20

    /// A revision is only found by its own company.
    private struct Key: Hashable {
        let company: CompanyID
        let revision: RevisionID
    }

    private struct Kept {
        var pieces: [Key: [Piece]] = [:]
        var bytes = 0
    }

    private let kept = Mutex(Kept())

    func pieces(of revision: RevisionID, _ company: CompanyID) -> [Piece]? {
        kept.withLock { $0.pieces[Key(company: company, revision: revision)] }
    }

    func keep(_ pieces: [Piece], of revision: RevisionID, _ company: CompanyID, bytes: Int) {
        kept.withLock { kept in
            if kept.bytes + bytes > Self.limitBytes { kept = Kept() }
            let before = kept.pieces.updateValue(pieces, forKey: Key(company: company, revision: revision))
            if before == nil { kept.bytes += bytes }
        }
    }
}

/// A revision of a workflow that is to be drawn.
package struct UndrawnWorkflow: Sendable, Hashable {
    package let revision: RevisionID
    package let companyID: CompanyID
}

extension ReadSession {
    /// The next revision of a workflow that is not drawn: of the companies in turn, so that none waits for all of
    /// another's, and of a company's what is current and newest first.
    /// - Parameters:
    ///   - last: only revisions published after this one; nil: any.
    ///   - company: whose turn it was last.
    ///   - except: revisions that are passed over.
    package func undrawnWorkflow(
        after last: RevisionID?, turnAfter company: CompanyID? = nil, except: Set<RevisionID> = []
    ) throws -> UndrawnWorkflow? {
        let others = SQLCondition.isNoneOf("r.id", except.sorted())
        let row = try first(
            Row.self,
            """
            SELECT r.id, r.company_id FROM revision r JOIN definition d ON d.id = r.definition_id
            WHERE r.id > ? AND d.kind = 'workflow'
                AND NOT EXISTS (SELECT 1 FROM diagram g WHERE g.revision_id = r.id)
                AND \(others.sql)
            ORDER BY CASE WHEN r.company_id > ? THEN 0 ELSE 1 END, r.company_id, r.is_current DESC, r.id DESC
            LIMIT 1
            """, [last ?? RevisionID(0)] + others.arguments + [company ?? CompanyID(0)])
        return row.map { UndrawnWorkflow(revision: $0["id"], companyID: $0["company_id"]) }
    }

    /// The revision that was published last; nil: there is none.
    package func newestRevision() throws -> RevisionID? {
        try first(RevisionID.self, "SELECT MAX(id) FROM revision")
    }
}

extension CompanyReadSession {
    /// A revision's diagram; nil: it is not drawn yet.
    package func diagram(of revision: RevisionID) throws -> DrawnDiagram? {
        let row = try first(
            Row.self,
            """
            SELECT g.svg, g.refused FROM diagram g JOIN revision r ON r.id = g.revision_id
            WHERE r.company_id = ? AND r.id = ?
            """, [company, revision])
        guard let row else { return nil }
        if let svg: String = row["svg"] { return .svg(svg) }
        let refused: String? = row["refused"]
        return .refused(refused.flatMap(DrawnDiagram.Refusal.init(rawValue:)) ?? .failure)
    }

    /// A revision's diagram for a page, cut at its markers; nil: it is not drawn yet.
    package func diagramSkeleton(of revision: RevisionID) throws -> DiagramSkeleton? {
        if let known = store.diagrams.pieces(of: revision, company) { return .pieces(known) }
        switch try diagram(of: revision) {
        case .svg(let svg)?:
            let pieces = SVGSkeleton(svg).pieces
            store.diagrams.keep(pieces, of: revision, company, bytes: svg.utf8.count)
            return .pieces(pieces)
        case .refused(let refusal)?: return .refused(refusal)
        case nil: return nil
        }
    }
}

extension CompanyWriteSession {
    /// Keeps what came of drawing a revision, for good.
    package func keep(_ diagram: DrawnDiagram, of revision: RevisionID, leader: Leadership, now: Int64) throws {
        let (svg, refused): (String?, String?) =
            switch diagram {
            case .svg(let svg): (svg, nil)
            case .refused(let refusal): (nil, refusal.rawValue)
            }

        try site.check(leader, now: now)
        try run(
            """
            INSERT INTO diagram (revision_id, svg, refused, drawn_at_ms)
            SELECT id, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT) FROM revision WHERE company_id = ? AND id = ?
            ON CONFLICT (revision_id) DO NOTHING
            """, [svg, refused, now, company, revision])
    }
}
