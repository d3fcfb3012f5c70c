-- Field work: what a device says of an edit, which answers wait for a person, what that person decided, the log of the campaigns, and photos.
ALTER TABLE zaiti.history ADD COLUMN field text NOT NULL DEFAULT ''; -- JSON, or empty where no device was in the field
ALTER TABLE zaiti.receipts ADD COLUMN open boolean NOT NULL DEFAULT false; -- while a person has to decide
UPDATE zaiti.receipts SET open = true WHERE outcome ->> 'outcome' IN ('conflict', 'proposed');
CREATE INDEX receipts_open ON zaiti.receipts (revision) WHERE open;
CREATE TABLE zaiti.decisions (
    edit uuid CONSTRAINT decisions_edit PRIMARY KEY,
    decision text NOT NULL -- JSON
);
-- Only ever grows: the state of every campaign is what its entries add up to.
CREATE TABLE zaiti.survey_log (
    seq bigint PRIMARY KEY,
    id uuid NOT NULL CONSTRAINT survey_log_id UNIQUE, -- made by the sender: the same entry sent again is one entry
    at timestamptz NOT NULL,
    author text NOT NULL,
    event text NOT NULL -- JSON
);
-- Photos by name, in parts as they came.
CREATE TABLE zaiti.blobs (
    name text COLLATE "C" NOT NULL,
    start bigint NOT NULL, -- bytes before this part
    bytes bytea NOT NULL,
    PRIMARY KEY (name, start)
);
