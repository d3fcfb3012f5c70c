//! Reading of shapefiles made here; foreign ones are read by the integration tests.
use std::io::Write;
use std::path::PathBuf;

use geo::Area;
use serde_json::json;

use super::*;
use crate::formats::{Limits, read};

/// A shapefile under construction.
struct Made {
    folder: tempfile::TempDir,
    shp: Vec<u8>,
    dbf: Vec<u8>,
    /// Endings and bytes of the other parts.
    others: Vec<(&'static str, Vec<u8>)>,
}

const WGS84: &str = "GEOGCS[\"GCS_WGS_1984\",DATUM[\"D_WGS_1984\",SPHEROID[\"WGS_1984\",6378137,298.257223563]],PRIMEM[\"Greenwich\",0],UNIT[\"Degree\",0.0174532925199433]]";

type Ring = &'static [(f64, f64)];
const SHELL: Ring = &[(120.0, 31.0), (120.0, 32.0), (121.0, 32.0), (121.0, 31.0), (120.0, 31.0)];
const HOLE: Ring = &[(120.2, 31.2), (120.2, 31.8), (120.8, 31.8), (120.8, 31.2), (120.2, 31.2)];

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap()
}

fn polygon(rings: &[Ring]) -> Vec<u8> {
    let mut bytes = 5_u32.to_le_bytes().to_vec();
    bytes.extend([0; 32]);
    bytes.extend(count(rings.len()).to_le_bytes());
    bytes.extend(rings.iter().map(|ring| count(ring.len())).sum::<u32>().to_le_bytes());
    let mut start = 0_u32;
    for ring in rings {
        bytes.extend(start.to_le_bytes());
        start += count(ring.len());
    }
    for (x, y) in rings.iter().copied().flatten() {
        bytes.extend(x.to_le_bytes().into_iter().chain(y.to_le_bytes()));
    }
    bytes
}

fn shp(records: &[Vec<u8>]) -> Vec<u8> {
    let length = 100 + records.iter().map(|record| 8 + record.len()).sum::<usize>();
    let mut bytes = 9994_u32.to_be_bytes().to_vec();
    bytes.extend([0; 20]);
    bytes.extend((count(length) / 2).to_be_bytes());
    bytes.extend(1000_u32.to_le_bytes().into_iter().chain(5_u32.to_le_bytes()));
    bytes.extend(
        [120.0, 31.0, 121.0, 32.0, 0.0, 0.0, 0.0, 0.0_f64]
            .into_iter()
            .flat_map(f64::to_le_bytes),
    );
    for (row, record) in records.iter().enumerate() {
        bytes.extend(
            (count(row) + 1)
                .to_be_bytes()
                .into_iter()
                .chain((count(record.len()) / 2).to_be_bytes()),
        );
        bytes.extend(record);
    }
    bytes
}

/// A table of `(name, kind, width)` fields; each row is its deletion mark and its cells.
fn dbf(fields: &[(&[u8], u8, u8)], rows: &[(u8, Vec<&[u8]>)]) -> Vec<u8> {
    let row_bytes: u16 = 1 + fields.iter().map(|field| u16::from(field.2)).sum::<u16>();
    let mut bytes = vec![3, 126, 1, 1];
    bytes.extend(count(rows.len()).to_le_bytes());
    bytes.extend(
        (33 + 32 * u16::try_from(fields.len()).unwrap())
            .to_le_bytes()
            .into_iter()
            .chain(row_bytes.to_le_bytes()),
    );
    bytes.extend([0; 20]);
    for (name, kind, width) in fields {
        let mut descriptor = [0; 32];
        descriptor[..name.len()].copy_from_slice(name);
        (descriptor[11], descriptor[16]) = (*kind, *width);
        bytes.extend(descriptor);
    }
    bytes.push(0x0d);
    for (mark, cells) in rows {
        bytes.push(*mark);
        for (cell, field) in cells.iter().zip(fields) {
            bytes.extend(*cell);
            bytes.extend(std::iter::repeat_n(b' ', usize::from(field.2) - cell.len()));
        }
    }
    bytes.push(0x1a);
    bytes
}

impl Made {
    fn new(shp: Vec<u8>, dbf: Vec<u8>) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            shp,
            dbf,
            others: vec![("prj", WGS84.as_bytes().to_vec())],
        }
    }

    /// Two plots, named in these bytes.
    fn named(name: &[u8]) -> Self {
        let rows = [(b' ', vec![name, b"12.5"]), (b' ', vec![b"B".as_slice(), b"*****"])];
        Self::new(
            shp(&[polygon(&[SHELL, HOLE]), polygon(&[SHELL])]),
            dbf(&[(b"DKMC", b'C', 20), (b"MJ", b'N', 8)], &rows),
        )
    }

    fn parts(&self) -> Vec<(&'static str, &[u8])> {
        let others = self.others.iter().map(|(ending, bytes)| (*ending, bytes.as_slice()));
        [("shp", self.shp.as_slice()), ("dbf", self.dbf.as_slice())]
            .into_iter()
            .chain(others)
            .collect()
    }

    fn write(&self) -> PathBuf {
        for (ending, bytes) in self.parts() {
            std::fs::write(self.folder.path().join(format!("plots.{ending}")), bytes).unwrap();
        }
        self.folder.path().join("plots.shp")
    }

    fn write_zip(&self) -> PathBuf {
        let path = self.folder.path().join("plots.zip");
        let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
        for (ending, bytes) in self.parts() {
            zip.start_file(format!("folder/plots.{ending}"), zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap();
        path
    }
}

fn outcome(path: &Path, options: &Options) -> Vec<Result<Feature, String>> {
    match read(path, options) {
        Ok(source) => source.features.map(|feature| feature.map_err(|error| error.to_string())).collect(),
        Err(error) => vec![Err(error.to_string())],
    }
}

fn errors(made: &Made) -> Vec<String> {
    outcome(&made.write(), &Options::default())
        .into_iter()
        .filter_map(Result::err)
        .collect()
}

#[test]
fn a_folder_and_a_zip_give_the_same_features() {
    let made = Made::named("北区".as_bytes());
    let plain = outcome(&made.write(), &Options::default());
    assert_eq!(plain, outcome(&made.write_zip(), &Options::default()));
    let first = plain[0].as_ref().unwrap();
    assert_eq!(
        first.properties,
        [("DKMC".to_owned(), json!("北区")), ("MJ".to_owned(), json!(12.5))]
    );
    assert!((first.geometry.as_ref().unwrap().unsigned_area() - 0.64).abs() < 1e-9);
    assert_eq!(
        plain[1].as_ref().unwrap().properties[1].1,
        json!(null),
        "stars are an overflow, which is unknown"
    );
}

#[test]
fn texts_are_read_in_every_encoding_met() {
    let gbk = [0xb1, 0xb1, 0xc7, 0xf8].as_slice();
    let cases = [
        (gbk, None, 0),
        (gbk, None, 0x4d),
        (gbk, Some(b"GBK".as_slice()), 0),
        ("北区".as_bytes(), Some(b"UTF-8"), 0x4d),
        ("北区".as_bytes(), None, 0x57),
    ];
    for (name, cpg, language_byte) in cases {
        let mut made = Made::named(name);
        made.dbf[29] = language_byte;
        made.others.extend(cpg.map(|cpg| ("cpg", cpg.to_vec())));
        let features = outcome(&made.write(), &Options::default());
        assert_eq!(
            features[0].as_ref().unwrap().properties[0].1,
            json!("北区"),
            "{cpg:?} {language_byte:#x}"
        );
    }
}

#[test]
fn a_wrong_cpg_is_refused_by_row_and_field_and_can_be_overruled() {
    let mut made = Made::named(&[0xb1, 0xb1, 0xc7, 0xf8]);
    made.others.push(("cpg", b"UTF-8".to_vec()));
    assert_eq!(
        errors(&made),
        [r"row 1, DKMC: given `\xb1\xb1\xc7\xf8`, expected a text in UTF-8 (or name the encoding)"]
    );
    let options = Options {
        encoding: Some("GBK".to_owned()),
        ..Options::default()
    };
    assert!(outcome(&made.write(), &options)[0].is_ok());
}

#[test]
fn values_have_their_kinds() {
    let fields: &[(&[u8], u8, u8)] = &[(b"D", b'D', 8), (b"L", b'L', 1), (b"N", b'N', 9), (b"C", b'C', 4)];
    let rows = [
        (b' ', vec![b"20250630".as_slice(), b"T", b"-3", b" x"]),
        (b' ', vec![b"00000000".as_slice(), b"?", b"", b""]),
        (b'*', vec![b"".as_slice(), b"", b"", b""]),
        (b' ', vec![b"20251331".as_slice(), b"T", b"-3", b" x"]),
        (b' ', vec![b"".as_slice(), b"X", b"", b""]),
        (b' ', vec![b"".as_slice(), b"", b"nan", b""]),
        (b' ', vec![b"".as_slice(), b"", b"1e999", b""]),
    ];
    let made = Made::new(shp(&vec![polygon(&[SHELL]); 7]), dbf(fields, &rows));
    let features = outcome(&made.write(), &Options::default());
    let texts = |row: usize| {
        features[row]
            .as_ref()
            .unwrap()
            .properties
            .iter()
            .map(|(_, value)| value.clone())
            .collect::<serde_json::Value>()
    };
    assert_eq!(texts(0), json!(["2025-06-30", true, -3, "x"]));
    assert_eq!(texts(1), json!([null, null, null, null]));
    let errors: Vec<_> = features.into_iter().filter_map(Result::err).collect();
    assert_eq!(
        errors,
        [
            "row 4, D: given `20251331`, expected a day as YYYYMMDD",
            "row 5, L: given `X`, expected T, F or a blank",
            "row 6, N: given `nan`, expected a number",
            "row 7, N: given `1e999`, expected a number",
        ],
        "the deleted row 3 is neither read nor refused"
    );
}

#[test]
fn shapes_that_lie_are_refused_without_great_allocations() {
    let with = |at: usize, bytes: &[u8]| {
        let mut record = polygon(&[SHELL]);
        record[at..at + bytes.len()].copy_from_slice(bytes);
        record
    };
    let cases = [
        (
            with(36, &u32::MAX.to_le_bytes()),
            "given 4294967295 parts, expected at most 20000 parts in one feature",
        ),
        (
            with(40, &u32::MAX.to_le_bytes()),
            "given 4294967295 positions, expected at most 1000000 positions in one feature",
        ),
        (
            with(40, &900_000_u32.to_le_bytes()),
            "given a record too short for 1 parts and 900000 positions, expected all of them",
        ),
        (
            with(44, &77_u32.to_le_bytes()),
            "given a part from position 77 to 5 of 5, expected parts in order",
        ),
        (
            with(0, &31_u32.to_le_bytes()),
            "given a multipatch (a surface in space), expected points, lines or polygons",
        ),
        (
            with(0, &7_u32.to_le_bytes()),
            "given the type of shape 7, expected points, lines or polygons",
        ),
        (
            with(48, &f64::NAN.to_le_bytes()),
            "given a ring that ends elsewhere than it begins, expected a ring whose last position is its first",
        ),
        (
            with(64, &f64::INFINITY.to_le_bytes()),
            "given position inf 32, expected a longitude within -180 to 180 and a latitude within -90 to 90, as GCS_WGS_1984 has",
        ),
        (vec![5, 0], "given a record of less than 4 bytes, expected a type of shape"),
    ];
    for (record, expected) in cases {
        let made = Made::new(
            shp(&[record, polygon(&[SHELL])]),
            dbf(&[(b"N", b'N', 1)], &[(b' ', vec![b"1"]), (b' ', vec![b"2"])]),
        );
        assert_eq!(errors(&made), [format!("row 1, geometry: {expected}")]);
    }
}

#[test]
fn a_record_length_beyond_the_limit_ends_the_file() {
    let mut made = Made::named(b"A");
    made.shp[104..108].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes());
    assert_eq!(
        errors(&made),
        ["row 1: given 4294967294, expected bytes of a shape of at most 36000256"]
    );
}

#[test]
fn tables_that_are_short_or_long_are_said() {
    let mut made = Made::named(b"A");
    made.dbf.truncate(made.dbf.len() - 10);
    assert_eq!(errors(&made), ["row 2: given no row in the .dbf, expected a row for each shape"]);
    let mut made = Made::named(b"A");
    made.shp = shp(&[polygon(&[SHELL])]);
    assert_eq!(
        errors(&made),
        ["row 2: given a row in the .dbf without a shape, expected as many shapes as rows"]
    );
    let mut made = Made::named(b"A");
    made.dbf[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(errors(&made), [""; 0], "a count beyond the shapes is harmless");
}

#[test]
fn a_wrong_reference_system_is_noticed() {
    let mut made = Made::named(b"A");
    made.others.clear();
    made.shp[36..44].copy_from_slice(&40_592_745.7_f64.to_le_bytes());
    assert!(errors(&made)[0].starts_with("reference system none (no .prj), with bounds 40592745.7"));
}

#[test]
fn parts_cut_anywhere_or_with_any_byte_changed_never_panic() {
    let whole = Made::named("北区".as_bytes());
    for end in 0..whole.shp.len() {
        let mut made = Made::named(b"A");
        made.shp.truncate(end);
        assert!(!errors(&made).is_empty(), ".shp cut at {end}");
    }
    for end in 0..whole.dbf.len() {
        let mut made = Made::named(b"A");
        made.dbf.truncate(end);
        errors(&made);
    }
    for at in 0..whole.shp.len().max(whole.dbf.len()) {
        let mut made = Made::named(b"A");
        made.shp.get_mut(at).into_iter().for_each(|byte| *byte ^= 0xff);
        made.dbf.get_mut(at).into_iter().for_each(|byte| *byte ^= 0xff);
        errors(&made);
    }
}

#[test]
fn a_zip_cut_anywhere_never_panics_and_a_bomb_is_stopped() {
    let made = Made::named("北区".as_bytes());
    let path = made.write_zip();
    let bytes = std::fs::read(&path).unwrap();
    for end in (0..bytes.len()).step_by(7) {
        std::fs::write(&path, &bytes[..end]).unwrap();
        assert!(outcome(&path, &Options::default()).iter().any(Result::is_err), "cut at {end}");
    }
    let mut bomb = Made::named(b"A");
    bomb.others.push(("cpg", Vec::new()));
    bomb.dbf[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
    bomb.dbf.extend(vec![b' '; 4 << 20]);
    let options = Options {
        limits: Limits {
            ratio_after_bytes: 1 << 20,
            ..Limits::default()
        },
        ..Options::default()
    };
    let outcome = outcome(&bomb.write_zip(), &options);
    assert_eq!(
        outcome,
        [Err(
            "the file: the ratio of unpacked to packed bytes is limited to 200, given more than 200".to_owned()
        )]
    );
}

#[test]
fn a_zip_of_several_layers_asks_which() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("two.zip");
    let made = Made::named(b"A");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    for layer in ["north", "south"] {
        for (ending, bytes) in made.parts() {
            zip.start_file(format!("{layer}.{ending}"), zip::write::SimpleFileOptions::default())
                .unwrap();
            zip.write_all(bytes).unwrap();
        }
    }
    zip.finish().unwrap();
    assert_eq!(
        outcome(&path, &Options::default()),
        [Err("layer (none); the file has: north, south".to_owned())]
    );
    let options = Options {
        layer: Some("south".to_owned()),
        ..Options::default()
    };
    assert_eq!(outcome(&path, &options).len(), 2);
}
