-- The inventory in a schema of its own. Geometries are lon/lat on CGCS2000; values are in base units.
CREATE SCHEMA zaiti;
COMMENT ON SCHEMA zaiti IS 'Zaiti: the inventory of a development zone';

CREATE TABLE zaiti.parcels (
    fid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    geom geometry(MultiPolygon, 4490),
    id uuid NOT NULL UNIQUE,
    code text COLLATE "C" NOT NULL UNIQUE,
    status text,
    available_from date,
    area double precision,
    version integer NOT NULL,
    revision bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    attributes jsonb NOT NULL,
    provenance jsonb,
    closed jsonb
) WITH (fillfactor = 90);
CREATE INDEX parcels_geom ON zaiti.parcels USING gist (geom);
COMMENT ON COLUMN zaiti.parcels.area IS 'm2';
COMMENT ON TABLE zaiti.parcels IS 'Parcels as stored; parcels_view shows their values as columns. Change them through the program only';

CREATE TABLE zaiti.buildings (
    fid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    geom geometry(MultiPolygon, 4490),
    id uuid NOT NULL UNIQUE,
    code text COLLATE "C" NOT NULL UNIQUE,
    status text,
    available_from date,
    area double precision,
    version integer NOT NULL,
    revision bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    attributes jsonb NOT NULL,
    provenance jsonb,
    closed jsonb
) WITH (fillfactor = 90);
CREATE INDEX buildings_geom ON zaiti.buildings USING gist (geom);
COMMENT ON COLUMN zaiti.buildings.area IS 'm2';
COMMENT ON TABLE zaiti.buildings IS 'Buildings as stored; buildings_view shows their values as columns. Change them through the program only';

CREATE TABLE zaiti.units (
    fid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    geom geometry(MultiPolygon, 4490),
    id uuid NOT NULL UNIQUE,
    code text COLLATE "C" NOT NULL UNIQUE,
    status text,
    available_from date,
    area double precision,
    version integer NOT NULL,
    revision bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    attributes jsonb NOT NULL,
    provenance jsonb,
    closed jsonb
) WITH (fillfactor = 90);
CREATE INDEX units_geom ON zaiti.units USING gist (geom);
COMMENT ON COLUMN zaiti.units.area IS 'm2';
COMMENT ON TABLE zaiti.units IS 'Units as stored; units_view shows their values as columns. Change them through the program only';

CREATE TABLE zaiti.overlay_features (
    fid bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    geom geometry(Geometry, 4490),
    id uuid NOT NULL UNIQUE,
    code text COLLATE "C" NOT NULL UNIQUE,
    collection text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    revision bigint NOT NULL,
    changed_at timestamptz NOT NULL,
    attributes jsonb NOT NULL,
    provenance jsonb,
    closed jsonb
) WITH (fillfactor = 90);
CREATE INDEX overlay_features_geom ON zaiti.overlay_features USING gist (geom);
CREATE INDEX overlay_features_collection ON zaiti.overlay_features (collection);
COMMENT ON TABLE zaiti.overlay_features IS 'Features of all overlays as stored; overlay_... shows one overlay. Change them through the program only';

-- Codes and ids are unique across the park, not only within a table.
CREATE TABLE zaiti.codes (
    code text COLLATE "C" NOT NULL CONSTRAINT codes_code PRIMARY KEY,
    id uuid NOT NULL CONSTRAINT codes_id UNIQUE,
    collection text COLLATE "C" NOT NULL
);

CREATE TABLE zaiti.history (
    revision bigint NOT NULL,
    line integer NOT NULL, -- place within the transaction
    record uuid NOT NULL,
    collection text COLLATE "C" NOT NULL,
    version integer NOT NULL,
    edit uuid NOT NULL,
    changed_at timestamptz NOT NULL,
    observed_at timestamptz NOT NULL,
    evidence text NOT NULL,
    author text NOT NULL,
    action text NOT NULL,
    changes jsonb NOT NULL, -- {"field": {"old": .., "new": ..}}
    geometry_before geometry(Geometry, 4490),
    PRIMARY KEY (revision, line)
);
CREATE INDEX history_record ON zaiti.history (record, version);
COMMENT ON TABLE zaiti.history IS 'One row per change of a record';

CREATE TABLE zaiti.receipts (
    edit uuid NOT NULL CONSTRAINT receipts_edit PRIMARY KEY,
    record uuid NOT NULL,
    revision bigint NOT NULL,
    outcome jsonb NOT NULL,
    sent json
);

CREATE TABLE zaiti.overlays (
    key text COLLATE "C" PRIMARY KEY,
    definition jsonb NOT NULL
);

CREATE TABLE zaiti.accounts (
    name text COLLATE "C" PRIMARY KEY,
    display_name text NOT NULL,
    role text NOT NULL,
    password_hash text NOT NULL,
    disabled boolean NOT NULL
);

CREATE TABLE zaiti.grants (
    secret_sha256 bytea PRIMARY KEY,
    account text NOT NULL,
    token_label text,
    expires_at timestamptz NOT NULL
);

-- What the views made from the catalogue were made as, so that they are made again only when that changes.
CREATE TABLE zaiti.view_definitions (
    name text COLLATE "C" PRIMARY KEY,
    sql text NOT NULL
);

-- One row: schema and the clock of the program. A writer locks it, so that revisions are given in the order of commits.
CREATE TABLE zaiti.state (
    only_row boolean PRIMARY KEY CHECK (only_row),
    schema integer NOT NULL,
    revision bigint NOT NULL
) WITH (fillfactor = 10);
INSERT INTO zaiti.state VALUES (true, 1, 0);
