-- The diagram of a workflow's revision, drawn once by the daemon after publication, or the reason why there is none. It
-- is kept as long as the revision, so that a drawing, also a failed one, is not repeated.
CREATE TABLE diagram (
    company_id BIGINT NOT NULL REFERENCES company(id),
    revision_id BIGINT NOT NULL,
    -- JSON: the places of nodes and edges in both directions (DiagramLayout).
    layout TEXT,
    -- `size`: the workflow is too large for a picture; `limits`: drawing took too long; `failure`: it failed.
    refused TEXT CHECK (refused IN ('size', 'limits', 'failure')),
    drawn_at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, revision_id),
    FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id),
    CHECK ((layout IS NULL) <> (refused IS NULL))
);
