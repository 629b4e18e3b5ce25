"""The tables of a persona's file (sealed.py), and what the database itself guarantees about them.

A facet quotes passages. When a passage goes, for whatever reason, or its words change, every facet that rests on it
goes in the same transaction, out of every version, and so do its vector and whatever a model wrote: no caller can
forget it.
"""

SCHEMA = """
CREATE TABLE IF NOT EXISTS passage (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,  -- a changed passage gets a new one: readers ask for what is past theirs
    row BLOB NOT NULL UNIQUE,
    digest BLOB NOT NULL,
    sealed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS version (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    sealed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS facet (  -- one state of a facet, from its version `first` up to, not including, `until`
    seq INTEGER PRIMARY KEY,
    row BLOB NOT NULL,
    first INTEGER NOT NULL,
    until INTEGER,  -- NULL: still
    sealed BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS facet_of ON facet (row);
CREATE TABLE IF NOT EXISTS cited (facet INTEGER NOT NULL, passage BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS cited_passage ON cited (passage);
CREATE INDEX IF NOT EXISTS cited_facet ON cited (facet);
CREATE TABLE IF NOT EXISTS kept_back (  -- words the Subject keeps back, and of which kind, both by keyed hash
    mark BLOB PRIMARY KEY,
    kind BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS hint (  -- what is still known of them (withheld/hints.py)
    seq INTEGER PRIMARY KEY,
    row BLOB NOT NULL UNIQUE,
    kind BLOB NOT NULL,
    sealed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS struck_out (  -- facets that must not come back, by hash; sealed, to go along in a bundle
    row BLOB PRIMARY KEY,
    sealed BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS vector (  -- of a passage, by what is told of its meaning (vector_book.py)
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    row BLOB NOT NULL UNIQUE,  -- the passage's
    space BLOB NOT NULL,  -- what made it, by keyed hash
    sealed BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS said (row BLOB PRIMARY KEY, sealed BLOB NOT NULL);  -- by a model, to be asked only once
CREATE TRIGGER IF NOT EXISTS passage_gone AFTER DELETE ON passage BEGIN
    DELETE FROM facet WHERE seq IN (SELECT facet FROM cited WHERE passage = OLD.row);
    DELETE FROM said;
END;
CREATE TRIGGER IF NOT EXISTS passage_vector_gone AFTER DELETE ON passage BEGIN
    DELETE FROM vector WHERE row = OLD.row;
END;
CREATE TRIGGER IF NOT EXISTS facet_gone AFTER DELETE ON facet BEGIN
    DELETE FROM cited WHERE facet = OLD.seq;
END;
"""
