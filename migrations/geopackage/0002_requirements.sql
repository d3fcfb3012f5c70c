-- Saved requirements and their answers. Texts as they were given and told: an old answer is given again to the byte.
CREATE TABLE requirements (
    id TEXT PRIMARY KEY NOT NULL,
    name TEXT NOT NULL,
    document TEXT NOT NULL, -- JSON
    author TEXT NOT NULL,
    role TEXT NOT NULL, -- the author's; those below it do not see the requirement
    saved_at_us INTEGER NOT NULL -- microseconds since 1970-01-01 UTC
);
CREATE TABLE requirement_runs (
    requirement TEXT NOT NULL REFERENCES requirements (id),
    revision INTEGER NOT NULL,
    role TEXT NOT NULL, -- whose eyes the answer is for
    author TEXT NOT NULL,
    run_at_us INTEGER NOT NULL,
    answer_sha256 TEXT NOT NULL,
    answer TEXT NOT NULL, -- JSON
    PRIMARY KEY (requirement, revision, role)
);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES ('requirements', 'attributes', 'requirements', 'Saved requirements of projects');
