-- When something was decided, and about which record: the latest decisions are read first, however many there are.
ALTER TABLE decisions ADD COLUMN at TEXT NOT NULL DEFAULT ''; -- ISO 8601 without its Z, so that texts are in the order of times
ALTER TABLE decisions ADD COLUMN record TEXT; -- NULL where that was not kept
UPDATE decisions SET at = rtrim(json_extract(decision, '$.at'), 'Z'),
    record = coalesce((SELECT record FROM receipts WHERE receipts.edit = decisions.edit), json_extract(decision, '$.about.record'));
CREATE INDEX decisions_at ON decisions (at, edit);
CREATE INDEX decisions_record ON decisions (record, at, edit);
