-- A GeoPackage 1.3 (OGC 12-128r17) that GDAL and QGIS open as it is, with the tables of the inventory in it.
PRAGMA application_id = 0x47504B47; -- "GPKG"
PRAGMA user_version = 10300;

CREATE TABLE gpkg_spatial_ref_sys (
    srs_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL,
    organization_coordsys_id INTEGER NOT NULL,
    definition TEXT NOT NULL,
    description TEXT
);
INSERT INTO gpkg_spatial_ref_sys VALUES
    ('Undefined Cartesian SRS', -1, 'NONE', -1, 'undefined', 'undefined Cartesian coordinate reference system'),
    ('Undefined geographic SRS', 0, 'NONE', 0, 'undefined', 'undefined geographic coordinate reference system'),
    ('WGS 84 geodetic', 4326, 'EPSG', 4326,
     'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4326"]]',
     'longitude/latitude coordinates in decimal degrees on the WGS 84 spheroid'),
    ('China Geodetic Coordinate System 2000', 4490, 'EPSG', 4490,
     'GEOGCS["China Geodetic Coordinate System 2000",DATUM["China_2000",SPHEROID["CGCS2000",6378137,298.257222101,AUTHORITY["EPSG","1024"]],AUTHORITY["EPSG","1043"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],AXIS["Longitude",EAST],AUTHORITY["EPSG","4490"]]',
     'longitude/latitude coordinates in decimal degrees on the CGCS2000 ellipsoid; WGS 84 coordinates are taken as such, the difference is below 0.1 m');

CREATE TABLE gpkg_contents (
    table_name TEXT NOT NULL PRIMARY KEY,
    data_type TEXT NOT NULL,
    identifier TEXT UNIQUE,
    description TEXT DEFAULT '',
    last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    min_x DOUBLE,
    min_y DOUBLE,
    max_x DOUBLE,
    max_y DOUBLE,
    srs_id INTEGER,
    CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);

CREATE TABLE gpkg_geometry_columns (
    table_name TEXT NOT NULL,
    column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL,
    srs_id INTEGER NOT NULL,
    z TINYINT NOT NULL,
    m TINYINT NOT NULL,
    CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
    CONSTRAINT uk_gc_table_name UNIQUE (table_name),
    CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents (table_name),
    CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys (srs_id)
);

CREATE TABLE gpkg_extensions (
    table_name TEXT,
    column_name TEXT,
    extension_name TEXT NOT NULL,
    definition TEXT NOT NULL,
    scope TEXT NOT NULL,
    CONSTRAINT ge_tce UNIQUE (table_name, column_name, extension_name)
);

CREATE TABLE parcels (
    fid INTEGER PRIMARY KEY NOT NULL,
    geom MULTIPOLYGON,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    status TEXT,
    available_from DATE,
    area DOUBLE, -- m2
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC
    attributes TEXT NOT NULL, -- JSON, base units
    provenance TEXT NOT NULL, -- JSON by attribute, or empty
    closed TEXT NOT NULL -- JSON, or empty while open
);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES ('parcels', 'features', 'parcels', 'Parcels as stored; parcels_view shows their values as columns', 4490);
INSERT INTO gpkg_geometry_columns VALUES ('parcels', 'geom', 'MULTIPOLYGON', 4490, 0, 0);
INSERT INTO gpkg_extensions VALUES ('parcels', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec130/#extension_rtree', 'write-only');
CREATE VIRTUAL TABLE rtree_parcels_geom USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_parcels_geom_insert AFTER INSERT ON parcels
    WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN INSERT OR REPLACE INTO rtree_parcels_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_parcels_geom_update1 AFTER UPDATE OF geom ON parcels
    WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN INSERT OR REPLACE INTO rtree_parcels_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_parcels_geom_update2 AFTER UPDATE OF geom ON parcels
    WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_parcels_geom WHERE id = OLD.fid; END;
CREATE TRIGGER rtree_parcels_geom_update3 AFTER UPDATE ON parcels
    WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_parcels_geom WHERE id = OLD.fid; INSERT OR REPLACE INTO rtree_parcels_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_parcels_geom_update4 AFTER UPDATE ON parcels
    WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_parcels_geom WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER rtree_parcels_geom_delete AFTER DELETE ON parcels
    WHEN OLD.geom NOT NULL
    BEGIN DELETE FROM rtree_parcels_geom WHERE id = OLD.fid; END;

CREATE TABLE buildings (
    fid INTEGER PRIMARY KEY NOT NULL,
    geom MULTIPOLYGON,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    status TEXT,
    available_from DATE,
    area DOUBLE, -- m2
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC
    attributes TEXT NOT NULL, -- JSON, base units
    provenance TEXT NOT NULL, -- JSON by attribute, or empty
    closed TEXT NOT NULL -- JSON, or empty while open
);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES ('buildings', 'features', 'buildings', 'Buildings as stored; buildings_view shows their values as columns', 4490);
INSERT INTO gpkg_geometry_columns VALUES ('buildings', 'geom', 'MULTIPOLYGON', 4490, 0, 0);
INSERT INTO gpkg_extensions VALUES ('buildings', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec130/#extension_rtree', 'write-only');
CREATE VIRTUAL TABLE rtree_buildings_geom USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_buildings_geom_insert AFTER INSERT ON buildings
    WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN INSERT OR REPLACE INTO rtree_buildings_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_buildings_geom_update1 AFTER UPDATE OF geom ON buildings
    WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN INSERT OR REPLACE INTO rtree_buildings_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_buildings_geom_update2 AFTER UPDATE OF geom ON buildings
    WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_buildings_geom WHERE id = OLD.fid; END;
CREATE TRIGGER rtree_buildings_geom_update3 AFTER UPDATE ON buildings
    WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_buildings_geom WHERE id = OLD.fid; INSERT OR REPLACE INTO rtree_buildings_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_buildings_geom_update4 AFTER UPDATE ON buildings
    WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_buildings_geom WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER rtree_buildings_geom_delete AFTER DELETE ON buildings
    WHEN OLD.geom NOT NULL
    BEGIN DELETE FROM rtree_buildings_geom WHERE id = OLD.fid; END;

CREATE TABLE units (
    fid INTEGER PRIMARY KEY NOT NULL,
    geom MULTIPOLYGON,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    status TEXT,
    available_from DATE,
    area DOUBLE, -- m2
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC
    attributes TEXT NOT NULL, -- JSON, base units
    provenance TEXT NOT NULL, -- JSON by attribute, or empty
    closed TEXT NOT NULL -- JSON, or empty while open
);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES ('units', 'features', 'units', 'Units as stored; units_view shows their values as columns', 4490);
INSERT INTO gpkg_geometry_columns VALUES ('units', 'geom', 'MULTIPOLYGON', 4490, 0, 0);
INSERT INTO gpkg_extensions VALUES ('units', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec130/#extension_rtree', 'write-only');
CREATE VIRTUAL TABLE rtree_units_geom USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_units_geom_insert AFTER INSERT ON units
    WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN INSERT OR REPLACE INTO rtree_units_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_units_geom_update1 AFTER UPDATE OF geom ON units
    WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN INSERT OR REPLACE INTO rtree_units_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_units_geom_update2 AFTER UPDATE OF geom ON units
    WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_units_geom WHERE id = OLD.fid; END;
CREATE TRIGGER rtree_units_geom_update3 AFTER UPDATE ON units
    WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_units_geom WHERE id = OLD.fid; INSERT OR REPLACE INTO rtree_units_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_units_geom_update4 AFTER UPDATE ON units
    WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_units_geom WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER rtree_units_geom_delete AFTER DELETE ON units
    WHEN OLD.geom NOT NULL
    BEGIN DELETE FROM rtree_units_geom WHERE id = OLD.fid; END;

CREATE TABLE overlay_features (
    fid INTEGER PRIMARY KEY NOT NULL,
    geom GEOMETRY,
    id TEXT NOT NULL UNIQUE,
    code TEXT NOT NULL UNIQUE,
    collection TEXT NOT NULL,
    version INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    changed_at_us INTEGER NOT NULL, -- microseconds since 1970-01-01 UTC
    attributes TEXT NOT NULL, -- JSON, base units
    provenance TEXT NOT NULL, -- JSON by attribute, or empty
    closed TEXT NOT NULL -- JSON, or empty while open
);
CREATE INDEX overlay_features_collection ON overlay_features (collection);
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, srs_id) VALUES ('overlay_features', 'features', 'overlay_features', 'Features of all overlays as stored; overlay_... shows one overlay', 4490);
INSERT INTO gpkg_geometry_columns VALUES ('overlay_features', 'geom', 'GEOMETRY', 4490, 0, 0);
INSERT INTO gpkg_extensions VALUES ('overlay_features', 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec130/#extension_rtree', 'write-only');
CREATE VIRTUAL TABLE rtree_overlay_features_geom USING rtree(id, minx, maxx, miny, maxy);
CREATE TRIGGER rtree_overlay_features_geom_insert AFTER INSERT ON overlay_features
    WHEN (NEW.geom NOT NULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN INSERT OR REPLACE INTO rtree_overlay_features_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_overlay_features_geom_update1 AFTER UPDATE OF geom ON overlay_features
    WHEN OLD.fid = NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN INSERT OR REPLACE INTO rtree_overlay_features_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_overlay_features_geom_update2 AFTER UPDATE OF geom ON overlay_features
    WHEN OLD.fid = NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_overlay_features_geom WHERE id = OLD.fid; END;
CREATE TRIGGER rtree_overlay_features_geom_update3 AFTER UPDATE ON overlay_features
    WHEN OLD.fid != NEW.fid AND (NEW.geom NOTNULL AND NOT ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_overlay_features_geom WHERE id = OLD.fid; INSERT OR REPLACE INTO rtree_overlay_features_geom VALUES (NEW.fid, ST_MinX(NEW.geom), ST_MaxX(NEW.geom), ST_MinY(NEW.geom), ST_MaxY(NEW.geom)); END;
CREATE TRIGGER rtree_overlay_features_geom_update4 AFTER UPDATE ON overlay_features
    WHEN OLD.fid != NEW.fid AND (NEW.geom ISNULL OR ST_IsEmpty(NEW.geom))
    BEGIN DELETE FROM rtree_overlay_features_geom WHERE id IN (OLD.fid, NEW.fid); END;
CREATE TRIGGER rtree_overlay_features_geom_delete AFTER DELETE ON overlay_features
    WHEN OLD.geom NOT NULL
    BEGIN DELETE FROM rtree_overlay_features_geom WHERE id = OLD.fid; END;

-- Codes and ids are unique across the park, not only within a table.
CREATE TABLE codes (
    code TEXT PRIMARY KEY NOT NULL,
    id TEXT NOT NULL UNIQUE,
    collection TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE history (
    seq INTEGER PRIMARY KEY NOT NULL,
    revision INTEGER NOT NULL,
    record TEXT NOT NULL,
    collection TEXT NOT NULL,
    version INTEGER NOT NULL,
    edit TEXT NOT NULL,
    changed_at_us INTEGER NOT NULL,
    observed_at_us INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    author TEXT NOT NULL,
    action TEXT NOT NULL,
    changes TEXT NOT NULL, -- JSON: {"field": {"old": .., "new": ..}}
    geometry_before BLOB -- as in geom; NULL when the outline did not change
);
CREATE INDEX history_record ON history (record, version);
CREATE INDEX history_revision ON history (revision);
-- A registered attribute table also keeps GDAL from listing the tables that are not registered.
INSERT INTO gpkg_contents (table_name, data_type, identifier, description) VALUES ('history', 'attributes', 'history', 'One row per change of a record');

CREATE TABLE receipts (
    edit TEXT PRIMARY KEY NOT NULL,
    record TEXT NOT NULL,
    revision INTEGER NOT NULL,
    outcome TEXT NOT NULL, -- JSON
    sent TEXT NOT NULL -- JSON, or empty
) WITHOUT ROWID;

CREATE TABLE overlays (
    key TEXT PRIMARY KEY NOT NULL,
    definition TEXT NOT NULL -- JSON
) WITHOUT ROWID;

CREATE TABLE accounts (
    name TEXT PRIMARY KEY NOT NULL,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    disabled INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE grants (
    secret_sha256 BLOB PRIMARY KEY NOT NULL,
    account TEXT NOT NULL,
    token_label TEXT,
    expires_at_us INTEGER NOT NULL
) WITHOUT ROWID;

-- One row: schema of this file and the clock of the program.
CREATE TABLE zaiti (
    only INTEGER PRIMARY KEY NOT NULL CHECK (only = 1),
    schema INTEGER NOT NULL,
    revision INTEGER NOT NULL
);
INSERT INTO zaiti VALUES (1, 1, 0);
