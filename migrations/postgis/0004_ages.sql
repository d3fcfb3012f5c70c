-- When parts of photos came: those that nobody goes on with are removed. Those that are here already are as old as this step.
ALTER TABLE zaiti.blobs ADD COLUMN at timestamptz NOT NULL DEFAULT now();
-- By ending, which says whose they are.
CREATE INDEX blobs_unfinished ON zaiti.blobs (reverse(name)) WHERE name LIKE '%.part';
-- When something was decided, and about which record: the latest decisions are read first, however many there are.
ALTER TABLE zaiti.decisions ADD COLUMN at text COLLATE "C"; -- ISO 8601 without its Z, so that texts are in the order of times
ALTER TABLE zaiti.decisions ADD COLUMN record uuid; -- NULL where that was not kept
UPDATE zaiti.decisions SET at = rtrim(decision::json ->> 'at', 'Z'),
    record = coalesce((SELECT record FROM zaiti.receipts WHERE receipts.edit = decisions.edit), (decision::json -> 'about' ->> 'record')::uuid);
ALTER TABLE zaiti.decisions ALTER COLUMN at SET NOT NULL;
CREATE INDEX decisions_at ON zaiti.decisions (at, edit);
CREATE INDEX decisions_record ON zaiti.decisions (record, at, edit);
