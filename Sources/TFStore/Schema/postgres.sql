-- Statements for PostgreSQL only.

CREATE FUNCTION refuse_change_of_audit() RETURNS TRIGGER LANGUAGE plpgsql AS
    'BEGIN
        IF TG_OP = ''UPDATE'' THEN
            IF (SELECT is_open FROM audit_gate) = 1
                AND NEW.id = OLD.id AND NEW.at_ms = OLD.at_ms AND NEW.action = OLD.action
            THEN RETURN NEW; END IF;
        ELSIF TG_OP = ''DELETE'' THEN
            IF OLD.at_ms < (SELECT kept_from_ms FROM audit_gate) THEN RETURN OLD; END IF;
        END IF;
        RAISE integrity_constraint_violation USING MESSAGE = ''the audit log is only ever appended to'';
    END';
CREATE TRIGGER audit_is_not_changed BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit
    EXECUTE FUNCTION refuse_change_of_audit();

-- The words of a text: a statement finds them by this index if it has the same expression.
CREATE INDEX search_text_words ON search_text USING gin (array_to_tsvector(string_to_array(words, ' ')));
