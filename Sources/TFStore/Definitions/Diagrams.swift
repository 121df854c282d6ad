import Synchronization
import TFDefinition
import TFEngine

/// The result of drawing a workflow's revision.
package enum DrawnDiagram: Sendable, Hashable {
    case layout(DiagramLayout)
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

/// A cache of layouts that pages have shown. A revision is drawn only once, so an entry is never stale.
final class DiagramCache: Sendable {
    /// The size of all layouts in the cache together, as they are stored.
    private static let limitBytes = 8 << 20

    /// With the company, so that no company gets a revision of another.
    private struct Key: Hashable {
        let company: CompanyID
        let revision: RevisionID
    }

    private struct Kept {
        var layouts: [Key: DiagramLayout] = [:]
        var bytes = 0
    }

    private let kept = Mutex(Kept())

    func layout(of revision: RevisionID, _ company: CompanyID) -> DiagramLayout? {
        kept.withLock { $0.layouts[Key(company: company, revision: revision)] }
    }

    func keep(_ layout: DiagramLayout, of revision: RevisionID, _ company: CompanyID, bytes: Int) {
        kept.withLock { kept in
            if kept.bytes + bytes > Self.limitBytes { kept = Kept() }
            let before = kept.layouts.updateValue(layout, forKey: Key(company: company, revision: revision))
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
    ///   - leader: the daemon that draws; nil: it leads all companies.
    ///   - company: the company of the revision that was drawn last.
    ///   - except: revisions to skip.
    package func undrawnWorkflow(
        of leader: Leadership? = nil, turnAfter company: CompanyID? = nil, except: Set<RevisionID> = []
    ) throws -> UndrawnWorkflow? {
        let others = SQLCondition.isNoneOf("id", except.sorted())
        let chosen = CompanyChoice(of: leader).condition()
        let row = try first(
            Row.self,
            """
            SELECT id, company_id FROM revision WHERE is_undrawn = 1 AND \(others.sql) AND \(chosen.sql)
            ORDER BY CASE WHEN company_id > ? THEN 0 ELSE 1 END, company_id, is_current DESC, id DESC
            LIMIT 1
            """, others.arguments + chosen.arguments + [company ?? CompanyID(0)])
        return row.map { UndrawnWorkflow(revision: $0["id"], companyID: $0["company_id"]) }
    }
}

extension CompanyReadSession {
    /// The diagram of a revision; nil: not drawn yet.
    package func diagram(of revision: RevisionID) throws -> DrawnDiagram? {
        if let known = store.diagrams.layout(of: revision, company) { return .layout(known) }
        let row = try first(
            Row.self,
            "SELECT layout, refused FROM diagram WHERE company_id = ? AND revision_id = ?", [company, revision])
        guard let row else { return nil }
        if let text: String = row["layout"] {
            guard let layout = DiagramLayout(text) else { return .refused(.failure) }
            store.diagrams.keep(layout, of: revision, company, bytes: text.utf8.count)
            return .layout(layout)
        }
        let refused: String? = row["refused"]
        return .refused(refused.flatMap(DrawnDiagram.Refusal.init(rawValue:)) ?? .failure)
    }
}

extension CompanyWriteSession {
    /// Stores the result of drawing a revision. A revision that has one keeps it.
    /// - Throws: `StoreError.notLeader`.
    package func keep(_ diagram: DrawnDiagram, of revision: RevisionID, leader: Leadership, now: Int64) throws {
        let (layout, refused): (String?, String?) =
            switch diagram {
            case .layout(let layout): (layout.text, nil)
            case .refused(let refusal): (nil, refusal.rawValue)
            }

        try site.check(leader)
        try run(
            """
            INSERT INTO diagram (company_id, revision_id, layout, refused, drawn_at_ms)
            SELECT company_id, id, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS BIGINT)
            FROM revision WHERE company_id = ? AND id = ?
            ON CONFLICT (company_id, revision_id) DO NOTHING
            """, [layout, refused, now, company, revision])
        try run("UPDATE revision SET is_undrawn = 0 WHERE company_id = ? AND id = ?", [company, revision])
    }
}

extension CompanyReadSession {
    /// Whether a workflow's current revision has no diagram yet, and no reason why there is none.
    package func isUndrawn(workflow name: String) throws -> Bool {
        try first(
            Bool.self,
            """
            SELECT 1 FROM definition d
            JOIN revision r ON r.company_id = d.company_id AND r.definition_id = d.id AND r.is_current = 1
            WHERE d.company_id = ? AND d.kind = 'workflow' AND d.name = ? AND r.is_undrawn = 1
            LIMIT 1
            """, [company, name]) ?? false
    }
}
