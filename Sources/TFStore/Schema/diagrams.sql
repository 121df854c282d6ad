-- The diagram of a workflow's revision, drawn once by the daemon after publication, or the reason why there is none. It
-- is kept as long as the revision, so that a drawing, also a failed one, is not repeated.
CREATE TABLE diagram (
    revision_id BIGINT PRIMARY KEY REFERENCES revision(id),
    -- JSON: the places of nodes and edges in both directions (DiagramLayout).
    layout TEXT,
    refused TEXT CHECK (refused IN ('size', 'limits', 'failure')),
    drawn_at_ms BIGINT NOT NULL,
    CHECK ((layout IS NULL) <> (refused IS NULL))
);
