-- Statements for PostgreSQL only.

-- The same as SQLite's instr: the position of a text in another one, from 1; 0: it does not occur.
CREATE FUNCTION instr(whole TEXT, part TEXT) RETURNS BIGINT
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN strpos(whole, part);

CREATE FUNCTION refuse_change_of_audit() RETURNS TRIGGER LANGUAGE plpgsql AS
    'BEGIN RAISE integrity_constraint_violation USING MESSAGE = ''the audit log is only ever appended to''; END';
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    EXECUTE FUNCTION refuse_change_of_audit();

CREATE INDEX search_text_words ON search_text USING gin (to_tsvector('simple', text));
