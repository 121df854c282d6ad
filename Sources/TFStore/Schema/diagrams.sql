-- A workflow's picture, which the daemon draws once after its revision was published, or why there is none. It stays as
-- long as its revision: nothing is drawn twice, least of all what could not be drawn.
CREATE TABLE diagram (
    revision_id BIGINT PRIMARY KEY REFERENCES revision(id),
    -- As Graphviz wrote it.
    svg TEXT,
    refused TEXT CHECK (refused IN ('size', 'limits', 'failure')),
    drawn_at_ms BIGINT NOT NULL,
    CHECK ((svg IS NULL) <> (refused IS NULL))
);
