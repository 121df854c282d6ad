-- Companies, the accounts of people and programs, their roles, and how they sign in.

-- A company of the site. Created by the operator, never deleted.
CREATE TABLE company (
    id {id},
    -- Used in addresses, directories and Redis keys; never changes.
    slug TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- An IANA time zone, such as Europe/Berlin; dates in forms and due dates are in this zone.
    timezone TEXT NOT NULL,
    next_ticket_number BIGINT NOT NULL DEFAULT 1,
    -- The last position given to an event, a CloudEvent or an outbox entry of the company. They share one sequence, in
    -- the order of their commits and without gaps.
    position BIGINT NOT NULL DEFAULT 0,
    -- Counts the changes of which definitions are in force, and in which revision.
    definition_changes BIGINT NOT NULL DEFAULT 0,
    -- 1: tasks of the company are not assigned at present.
    is_paused BIGINT NOT NULL DEFAULT 0 CHECK (is_paused IN (0, 1)),
    -- The daemon that does the company's work, where several share the companies (`daemon.name`); '': none, or the one
    -- that leads the site. Its writes are refused as soon as the epoch is another one, which each change of the daemon
    -- raises.
    leader TEXT NOT NULL DEFAULT '',
    leader_epoch BIGINT NOT NULL DEFAULT 0,
    -- Counts the changes, for optimistic locking: a page or an API request names the version that it was made from.
    version BIGINT NOT NULL DEFAULT 1,
    created_at_ms BIGINT NOT NULL
);
-- What a daemon leads.
CREATE INDEX company_leader ON company(leader) WHERE leader <> '';

-- A login of a person or of a program (kind `service`). Disabled or erased, never deleted: what was done names it.
CREATE TABLE account (
    id {id},
    login TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- The name in folded case, for searching.
    folded_name TEXT NOT NULL DEFAULT '',
    kind TEXT NOT NULL CHECK (kind IN ('person', 'service')),
    -- The password's hash as a PHC string; NULL: the account cannot sign in by password.
    password TEXT,
    email TEXT,
    -- The second factor's secret is the HMAC of this value, so that the secret itself is not stored.
    totp_nonce TEXT,
    -- When the first code was entered; NULL: the second factor is not in force yet.
    totp_confirmed_at_ms BIGINT,
    -- The time step of the last code that was used (RFC 6238); codes of this step or an earlier one are refused.
    totp_step BIGINT NOT NULL DEFAULT 0,
    -- NULL: not disabled.
    disabled_at_ms BIGINT,
    version BIGINT NOT NULL DEFAULT 1,
    created_at_ms BIGINT NOT NULL
);
-- The order of lists of people.
CREATE INDEX account_folded_name ON account(folded_name, login);

-- A system role of an account. Deleted when it is taken away.
CREATE TABLE account_role (
    account_id BIGINT NOT NULL REFERENCES account(id),
    role TEXT NOT NULL CHECK (role IN ('admin', 'user', 'ticket_admin', 'task_worker', 'workflow_creator')),
    PRIMARY KEY (account_id, role)
);

-- That an account belongs to a company. The row is deleted when the person or program leaves the company.
CREATE TABLE membership (
    company_id BIGINT NOT NULL REFERENCES company(id),
    account_id BIGINT NOT NULL REFERENCES account(id),
    -- Whether the member can be given new tasks.
    is_available BIGINT NOT NULL DEFAULT 1 CHECK (is_available IN (0, 1)),
    -- A planned change: at `plan_at_ms`, `is_available` becomes `plan_available`; `plan_handover` says what happens to
    -- the member's open tasks then.
    plan_at_ms BIGINT,
    plan_available BIGINT CHECK (plan_available IN (0, 1)),
    plan_handover TEXT CHECK (plan_handover IN ('all', 'not_started', 'keep')),
    -- End of the planned change: `is_available` changes back then; NULL: open-ended.
    plan_until_ms BIGINT,
    -- Who has set or planned that, if it was not the member.
    set_by_id BIGINT REFERENCES account(id),
    -- A program's last heartbeat or request for jobs.
    seen_at_ms BIGINT,
    -- Counts the changes of the member's roles.
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, account_id)
);
CREATE INDEX membership_account ON membership(account_id);
CREATE INDEX membership_plan ON membership(plan_at_ms) WHERE plan_at_ms IS NOT NULL;
CREATE INDEX membership_seen ON membership(seen_at_ms) WHERE seen_at_ms IS NOT NULL AND is_available = 1;

-- Limits a member's system roles in a company to the listed ones; without a row here, all roles of the account count.
CREATE TABLE membership_limit (
    company_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('admin', 'user', 'ticket_admin', 'task_worker', 'workflow_creator')),
    PRIMARY KEY (company_id, account_id, role),
    FOREIGN KEY (company_id, account_id) REFERENCES membership(company_id, account_id) ON DELETE CASCADE
);

-- A role that a company has declared, such as `it-staff`. Never deleted: they are few.
CREATE TABLE company_role (
    company_id BIGINT NOT NULL REFERENCES company(id),
    name TEXT NOT NULL,
    -- Its name for people, such as `IT staff`; empty: it is made from `name`.
    title TEXT NOT NULL DEFAULT '',
    -- Counts the changes of the title and of who holds it.
    version BIGINT NOT NULL DEFAULT 1,
    PRIMARY KEY (company_id, name)
);

-- A company role that a member holds. Deleted when it is taken away.
CREATE TABLE member_role (
    company_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (company_id, account_id, role),
    FOREIGN KEY (company_id, account_id) REFERENCES membership(company_id, account_id) ON DELETE CASCADE,
    FOREIGN KEY (company_id, role) REFERENCES company_role(company_id, name)
);
CREATE INDEX member_role_role ON member_role(company_id, role);

-- The system roles that count in a company: those of its members who are not disabled, unless the membership leaves a
-- role out.
CREATE VIEW counting_role AS
    SELECT m.company_id, m.account_id, a.login, a.kind, m.is_available, s.role
    FROM membership m
    JOIN account a ON a.id = m.account_id AND a.disabled_at_ms IS NULL
    JOIN account_role s ON s.account_id = a.id
    WHERE NOT EXISTS (
        SELECT 1 FROM membership_limit o WHERE o.company_id = m.company_id AND o.account_id = m.account_id
    ) OR EXISTS (
        SELECT 1 FROM membership_limit o
        WHERE o.company_id = m.company_id AND o.account_id = m.account_id AND o.role = s.role
    );

-- The members who can be given tasks.
CREATE VIEW worker AS
    SELECT company_id, account_id, login, kind, is_available FROM counting_role WHERE role = 'task_worker';

-- A session of a browser or a program that has signed in. Deleted `retention.sessions` after its end or its last
-- refresh.
CREATE TABLE session (
    id TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account(id),
    purpose TEXT NOT NULL CHECK (purpose IN ('web', 'api')),
    -- Hashes of the newest refresh token and of the one before it.
    refresh_hash TEXT NOT NULL,
    previous_hash TEXT,
    rotated_at_ms BIGINT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    ended_at_ms BIGINT,
    ended_because TEXT CHECK (ended_because IN (
        'signed_out', 'ended_by_person', 'ended_by_admin', 'password_changed', 'account_disabled', 'token_reused')),
    -- When the person was told that the session was ended because a refresh token was used twice.
    told_at_ms BIGINT,
    -- The browser's or program's User-Agent, and the address from which the session was started.
    agent TEXT NOT NULL,
    address TEXT NOT NULL DEFAULT '',
    -- The other server that the session's access tokens are for; NULL: this site.
    audience TEXT
);
CREATE INDEX session_account ON session(account_id);
CREATE INDEX session_untold ON session(account_id)
    WHERE told_at_ms IS NULL AND ended_because = 'token_reused';

-- The throttle of sign-ins: failures counted by login and by network. Deleted after an hour without a
-- failure.
CREATE TABLE throttle (
    -- What is counted: `login uma`, or `address` with a network.
    name TEXT PRIMARY KEY,
    failures BIGINT NOT NULL,
    blocked_until_ms BIGINT NOT NULL,
    changed_at_ms BIGINT NOT NULL
);

-- A recovery code, which can be used once instead of a code of the second factor. Replaced with the second factor.
CREATE TABLE recovery_code (
    account_id BIGINT NOT NULL REFERENCES account(id),
    -- Of the code, which nobody can read again.
    hash TEXT NOT NULL,
    used_at_ms BIGINT,
    PRIMARY KEY (account_id, hash)
);

-- An API key, with which a program signs in. Deleted `retention.sessions` after it was revoked.
CREATE TABLE api_key (
    id TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account(id),
    -- Given by who made it, to tell it from others.
    name TEXT NOT NULL,
    -- The SHA-256 of the key, which nobody can read again.
    hash TEXT NOT NULL,
    created_at_ms BIGINT NOT NULL,
    -- The last use, exact to a minute.
    used_at_ms BIGINT,
    revoked_at_ms BIGINT
);
CREATE INDEX api_key_account ON api_key(account_id);

-- A link with which a person chooses a password. It can be used once and expires. Kept for 30 days after that, so that
-- whoever opens it again learns why it no longer works.
CREATE TABLE password_link (
    -- The SHA-256 of the secret in the link.
    hash TEXT PRIMARY KEY,
    account_id BIGINT NOT NULL REFERENCES account(id),
    kind TEXT NOT NULL CHECK (kind IN ('invite', 'reset')),
    expires_at_ms BIGINT NOT NULL,
    used_at_ms BIGINT
);
CREATE INDEX password_link_account ON password_link(account_id);

-- An entry of the audit log: who did what to whom. Entries are only added: the database refuses to change or delete one,
-- but for what `audit_gate` lets through. Deleted after `retention.audit`.
CREATE TABLE audit (
    id {id},
    at_ms BIGINT NOT NULL,
    -- A login, `nobody` who is not signed in, `system`, or whoever ran a command: `command line (root)`.
    actor TEXT NOT NULL,
    action TEXT NOT NULL CHECK (action IN (
        'signed-in', 'sign-in-failed', 'session-ended', 'refresh-token-reused', 'password-changed',
        'password-chosen', 'password-link-made', 'second-factor-set', 'second-factor-removed', 'key-added',
        'key-revoked', 'keys-rotated', 'key-of-tokens-revoked', 'user-added', 'user-changed', 'user-exported', 'user-erased', 'entries-removed', 'company-added',
        'company-changed', 'assignment-paused', 'assignment-resumed', 'member-added', 'member-changed',
        'member-removed', 'role-declared', 'role-renamed', 'role-members-set',
        'definition-published', 'definition-brought-back', 'definition-retired', 'refused', 'admin-readTicket',
        'admin-commentTicket', 'admin-attachToTicket', 'admin-cancelTicket', 'admin-reopenTicket', 'admin-editTicket',
        'admin-decideFault',
        'admin-readTask', 'admin-workTask', 'admin-releaseTask', 'admin-holdTask', 'admin-handOverTask',
        'admin-claimTask', 'admin-assignTask', 'admin-prioritizeTask', 'admin-listTickets', 'admin-listTasks',
        'admin-exportTickets', 'admin-exportTasks')),
    -- Whom or what it was done to, as a kind and its name, such as `user uma`; of what was refused, method and address
    -- (AuditSubject).
    subject TEXT NOT NULL,
    -- NULL: it concerns the site.
    company_id BIGINT REFERENCES company(id),
    -- JSON: the values before and after the change.
    old TEXT,
    new TEXT,
    -- The client's network address; '': it was done on the machine itself.
    address TEXT NOT NULL
);
-- The order of the log; the others give the order of what a filter leaves.
CREATE INDEX audit_at ON audit(at_ms, id);
CREATE INDEX audit_actor ON audit(actor, at_ms, id);
CREATE INDEX audit_action ON audit(action, at_ms, id);
CREATE INDEX audit_subject ON audit(subject, at_ms, id);
CREATE INDEX audit_company ON audit(company_id, at_ms, id);
