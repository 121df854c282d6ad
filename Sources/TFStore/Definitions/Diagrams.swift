import Synchronization
import TFDefinition
import TFEngine

/// The result of drawing a workflow's revision.
package enum DrawnDiagram: Sendable, Hashable {
    /// SVG as Graphviz wrote it, with the markers of `DotSource`.
    case svg(String)
    case refused(Refusal)

    /// Why there is no diagram.
    package enum Refusal: String, Sendable, CaseIterable {
        /// The workflow has too many steps and transitions, or its diagram is too large.
        case size
        /// Drawing exceeded its limit of time.
        case limits
        /// Graphviz ended with an error.
        case failure
    }
}

/// A diagram cut at its markers, into which a page fills the state of a ticket.
package enum DiagramSkeleton: Sendable, Hashable {
    case pieces([Piece])
    case refused(DrawnDiagram.Refusal)
}

/// A cache of diagrams that pages have shown, cut at their markers. A revision is drawn only once, so an entry is never
/// stale.
final class DiagramCache: Sendable {
    /// The size of all diagrams in the cache together.
    private static let limitBytes = 8 << 20

    /// With the company, so that no company gets a revision of another.
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

/// A revision of a workflow that has no diagram yet.
package struct UndrawnWorkflow: Sendable, Hashable {
    package let revision: RevisionID
    package let companyID: CompanyID
}

extension ReadSession {
    /// The next workflow revision to draw: from the companies in turn, so that none waits for another's backlog, and of
    /// a company the current and newest ones first.
    /// - Parameters:
    ///   - last: only revisions published after this one; nil: any.
    ///   - company: the company of the revision that was drawn last.
    ///   - except: revisions to skip.
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

    /// The revision of any company that was published last; nil: there is none.
    package func newestRevision() throws -> RevisionID? {
        try first(RevisionID.self, "SELECT MAX(id) FROM revision")
    }
}

extension CompanyReadSession {
    /// The diagram of a revision; nil: not drawn yet.
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

    /// The diagram of a revision for a page, cut at its markers; nil: not drawn yet.
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
    /// Stores the result of drawing a revision. A revision that has one keeps it.
    /// - Throws: `StoreError.notLeader`.
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

extension CompanyReadSession {
    /// Whether a workflow's current revision has no diagram yet, and no reason why there is none.
    package func isUndrawn(workflow name: String) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 FROM definition d JOIN revision r ON r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = 'workflow' AND d.name = ?
                AND NOT EXISTS (SELECT 1 FROM diagram g WHERE g.revision_id = r.id)
            LIMIT 1
            """, [company, name]) ?? false
    }
}
