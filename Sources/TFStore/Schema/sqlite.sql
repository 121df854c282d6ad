-- Statements for SQLite only.

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;

-- The words of search_text.text, without case and accents. Source: sqlite.org/fts5.html, "External Content Tables".
CREATE VIRTUAL TABLE search_index USING fts5(
    text, content='search_text', content_rowid='id', tokenize='unicode61 remove_diacritics 2');
CREATE TRIGGER search_text_is_indexed AFTER INSERT ON search_text
    BEGIN INSERT INTO search_index(rowid, text) VALUES (new.id, new.text); END;
CREATE TRIGGER search_text_is_not_indexed AFTER DELETE ON search_text
    BEGIN INSERT INTO search_index(search_index, rowid, text) VALUES ('delete', old.id, old.text); END;
