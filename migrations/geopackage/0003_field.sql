-- Field work: what a device says of an edit, which answers wait for a person, what that person decided, and the log of the campaigns.
ALTER TABLE history ADD COLUMN field TEXT NOT NULL DEFAULT ''; -- JSON, or empty where no device was in the field
ALTER TABLE receipts ADD COLUMN open INTEGER NOT NULL DEFAULT 0; -- 1 while a person has to decide
UPDATE receipts SET open = 1 WHERE json_extract(outcome, '$.outcome') IN ('conflict', 'proposed');
CREATE INDEX receipts_open ON receipts (revision) WHERE open = 1;
CREATE TABLE decisions (
    edit TEXT PRIMARY KEY NOT NULL,
    decision TEXT NOT NULL -- JSON
) WITHOUT ROWID;
-- Only ever grows: the state of every campaign is what its entries add up to.
CREATE TABLE survey_log (
    seq INTEGER PRIMARY KEY NOT NULL,
    id TEXT NOT NULL UNIQUE, -- made by the sender: the same entry sent again is one entry
    at_us INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC
    author TEXT NOT NULL,
    event TEXT NOT NULL -- JSON
);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES ('survey_log', 'attributes', 'survey_log', 'What happened in survey campaigns, in order');
