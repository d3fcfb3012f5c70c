-- Saved requirements and their answers. Texts as they were given and told: an old answer is given again to the byte.
CREATE TABLE zaiti.requirements (
    id uuid CONSTRAINT requirements_id PRIMARY KEY,
    name text NOT NULL,
    document text NOT NULL, -- JSON
    author text NOT NULL,
    role text NOT NULL, -- the author's; those below it do not see the requirement
    saved_at timestamptz NOT NULL
);
CREATE TABLE zaiti.requirement_runs (
    requirement uuid NOT NULL REFERENCES zaiti.requirements (id),
    revision bigint NOT NULL,
    role text NOT NULL, -- whose eyes the answer is for
    author text NOT NULL,
    run_at timestamptz NOT NULL,
    answer_sha256 text NOT NULL,
    answer text NOT NULL, -- JSON
    PRIMARY KEY (requirement, revision, role)
);
