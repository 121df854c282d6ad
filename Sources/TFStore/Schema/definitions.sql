-- The definitions that workflow creators wrote (ticket types, tasks and workflows), with all their revisions.

-- A definition, known by its kind, name and version. Retired, never deleted: it grows with what people write.
CREATE TABLE definition (
    id {id},
    company_id BIGINT NOT NULL REFERENCES company(id),
    kind TEXT NOT NULL CHECK (kind IN ('ticket', 'task', 'workflow')),
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    -- `incomplete`: it names another definition or a role that does not exist.
    state TEXT NOT NULL CHECK (state IN ('active', 'incomplete', 'retired')),
    -- The path of its file, as it was when it was published.
    file TEXT NOT NULL,
    -- While a page changes the file, after it has changed this row: the SHA-256 of the text that the file had before, empty
    -- if there was none. NULL: nothing is under way. If tf-web ends in between, the daemon changes the file.
    file_before TEXT,
    has_schedule BIGINT NOT NULL DEFAULT 0 CHECK (has_schedule IN (0, 1)),
    updated_at_ms BIGINT NOT NULL,
    UNIQUE (company_id, kind, name, version),
    UNIQUE (company_id, id)
);
CREATE INDEX definition_schedule ON definition(company_id) WHERE has_schedule = 1;
CREATE INDEX definition_pending ON definition(company_id, file, id) WHERE file_before IS NOT NULL;

-- A revision: one text of a definition, and its parsed form. An instance keeps the revision with which it started. Never
-- deleted: what was in force when can be read for good, and it grows with what people write.
CREATE TABLE revision (
    id {id},
    company_id BIGINT NOT NULL REFERENCES company(id),
    definition_id BIGINT NOT NULL,
    -- Whether it is the definition's current text.
    is_current BIGINT NOT NULL DEFAULT 0 CHECK (is_current IN (0, 1)),
    sha256 TEXT NOT NULL,
    source TEXT NOT NULL,
    -- JSON of the parsed definition.
    model TEXT NOT NULL,
    published_at_ms BIGINT NOT NULL,
    -- Whether its diagram is still to be drawn. Only a workflow has one.
    is_undrawn BIGINT NOT NULL DEFAULT 0 CHECK (is_undrawn IN (0, 1)),
    UNIQUE (definition_id, company_id, sha256),
    UNIQUE (company_id, id),
    FOREIGN KEY (company_id, definition_id) REFERENCES definition(company_id, id)
);
CREATE INDEX revision_undrawn ON revision(company_id, id) WHERE is_undrawn = 1;
CREATE UNIQUE INDEX revision_current ON revision(company_id, definition_id) WHERE is_current = 1;

-- The diagnostics of a company's files, in the order to show them. Replaced by each publication.
CREATE TABLE problem (
    id {id},
    company_id BIGINT NOT NULL REFERENCES company(id),
    file TEXT NOT NULL,
    line_number BIGINT NOT NULL,
    column_number BIGINT NOT NULL,
    severity TEXT NOT NULL CHECK (severity IN ('error', 'warning', 'notice')),
    message TEXT NOT NULL,
    suggestion TEXT
);
CREATE UNIQUE INDEX problem_company ON problem(company_id, file, id);

-- The next start of a workflow that has a schedule. Deleted when the definition has none any more.
CREATE TABLE schedule (
    company_id BIGINT NOT NULL REFERENCES company(id),
    definition_id BIGINT NOT NULL,
    -- The revision that is started next.
    revision_id BIGINT NOT NULL,
    -- NULL: an event or the end of an instance starts it; -1: not computed yet.
    next_at_ms BIGINT,
    -- JSON: for a schedule that needs several events (`all`), those that have arrived so far.
    met TEXT NOT NULL DEFAULT '[]',
    -- How many times in a row a daemon died while it handled this schedule.
    deaths BIGINT NOT NULL DEFAULT 0,
    -- Why it is set aside (SetAsideReason), and the facts of that reason as JSON.
    set_aside TEXT CHECK (set_aside IN ('died', 'event', 'moment', 'request', 'start', 'filters')),
    set_aside_facts TEXT,
    PRIMARY KEY (company_id, definition_id),
    FOREIGN KEY (company_id, definition_id) REFERENCES definition(company_id, id),
    FOREIGN KEY (company_id, revision_id) REFERENCES revision(company_id, id)
);
CREATE INDEX schedule_next ON schedule(next_at_ms) WHERE next_at_ms IS NOT NULL;

-- A value for `$secrets`, sealed with one of the site's keys. Deleted by the operator.
CREATE TABLE secret (
    company_id BIGINT NOT NULL REFERENCES company(id),
    name TEXT NOT NULL,
    -- Encrypted, with the id of the key.
    sealed TEXT NOT NULL,
    updated_at_ms BIGINT NOT NULL,
    PRIMARY KEY (company_id, name)
);
