-- Statements for SQLite only.

CREATE TRIGGER audit_is_not_changed BEFORE UPDATE ON audit
    WHEN (SELECT is_open FROM audit_gate) = 0
        OR new.id <> old.id OR new.at_ms <> old.at_ms OR new.action <> old.action
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
    WHEN old.at_ms >= (SELECT kept_from_ms FROM audit_gate)
    BEGIN SELECT RAISE(ABORT, 'the audit log is only ever appended to'); END;

-- search_text.words; neither the words' places nor their number are kept, since results are in the order of the texts.
-- Letters, digits and marks all belong to words, which are folded already.
-- Source: sqlite.org/fts5.html, "External Content Tables" and "Unicode61 Tokenizer".
CREATE VIRTUAL TABLE search_index USING fts5(
    words, content='search_text', content_rowid='id', detail=none, columnsize=0,
    tokenize='unicode61 remove_diacritics 0 categories ''L* N* M*''');
-- Many texts at once: each addition on its own would write some 20 kB of log.
CREATE TRIGGER search_texts_are_indexed AFTER UPDATE OF upto ON search_mark
    BEGIN
        INSERT INTO search_index(rowid, words) SELECT id, words FROM search_text WHERE id > old.upto AND id <= new.upto;
    END;
CREATE TRIGGER search_text_is_not_indexed AFTER DELETE ON search_text
    WHEN old.id <= (SELECT upto FROM search_mark)
    BEGIN INSERT INTO search_index(search_index, rowid, words) VALUES ('delete', old.id, old.words); END;
