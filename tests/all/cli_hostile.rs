//! Broken, huge and hostile files at the door of the real program: each is answered in words, and nothing is lost.
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::support::zaiti::{Park, feature, plot};

/// One file that somebody brings.
struct Case {
    /// Name of the file.
    file: &'static str,
    bytes: Vec<u8>,
    flags: &'static [&'static str],
    status: i32,
    /// What must be said.
    says: &'static [&'static str],
}

/// A file that is refused as a whole.
fn refused(file: &'static str, bytes: impl Into<Vec<u8>>, says: &'static [&'static str]) -> Case {
    Case {
        file,
        bytes: bytes.into(),
        flags: &[],
        status: 2,
        says,
    }
}

impl Case {
    fn with(self, flags: &'static [&'static str]) -> Self {
        Self { flags, ..self }
    }

    fn ends(self, status: i32) -> Self {
        Self { status, ..self }
    }
}

/// Imports each file into a store that holds one plot, and finds that plot there afterwards.
#[track_caller]
fn check(cases: Vec<Case>) {
    let park = Park::new();
    park.import(&park.write("seed.geojsonl", plot("seed", 900, "")), &[]).ends(0);
    for case in cases {
        let path = park.write(case.file, &case.bytes);
        let run = park.import(&path, case.flags);
        let said = format!("{} {:?}: status {}\n{}", case.file, case.flags, run.status, run.said());
        assert_eq!(run.status, case.status, "{said}");
        for text in case.says {
            assert!(run.said().contains(text), "expected {text:?} of {said}");
        }
        assert!(run.said().len() < 20_000, "a book instead of an answer: {}", run.said().len());
        if case.status == 2 {
            assert_eq!(park.codes("parcels"), ["seed"], "{said}");
        } else {
            assert!(park.codes("parcels").contains(&"seed".to_owned()), "{said}");
        }
    }
    park.run(&["store", "check"]).ends(0).says(&["is sound"]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn collection(features: &[String]) -> String {
    format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","))
}

fn square(corner: &str) -> String {
    feature("x", &format!("[[{corner},[120.1,31.0],[120.1,31.1],{corner}]]"), "")
}

#[test]
fn broken_geojson() {
    let nested = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    check(vec![
        refused("empty.geojson", "", &["given", "expected"]),
        refused("blank.geojson", " \n\n", &["given", "expected"]),
        refused(
            "cut.geojson",
            &collection(&[plot("a", 0, ""), plot("b", 1, "")]).as_bytes()[..300],
            &["line 1", "expected"],
        ),
        refused("text.geojson", "hello", &["line 1, column 1"]),
        refused("deep.geojson", nested.clone(), &["line 1"]),
        refused("deep.geojsonl", nested.clone(), &["line 1, column 1"]),
        refused(
            "deep-value.geojson",
            collection(&[plot("a", 0, &format!(r#","x":{nested}"#))]),
            &["given deeper nesting, expected at most 32 levels"],
        ),
        refused(
            "nan.geojsonl",
            square("[NaN,31.0]"),
            &["line 1, column 89", "expected well-formed JSON"],
        ),
        refused("infinite.geojsonl", square("[1e999,31.0]"), &["line 1"]),
        refused("outside.geojsonl", square("[500,31.0]"), &["position 500 31", "-180..180"]),
        refused("metres.geojsonl", square("[40500000,3500000]"), &["is the reference system right?"]),
        refused(
            "open.geojsonl",
            feature("x", "[[[120.0,31.0],[120.1,31.0],[120.1,31.1]]]", ""),
            &["ring", "expected"],
        ),
        refused(
            "flat.geojsonl",
            feature("x", "[[[120.0,31.0],[120.1,31.0],[120.2,31.0],[120.0,31.0]]]", ""),
            &["geometry: given"],
        ),
        refused(
            "point.geojsonl",
            r#"{"type":"Feature","properties":{"id":1},"geometry":{"type":"Point","coordinates":[120,31]}}"#,
            &["given points or lines, expected polygons"],
        ),
        refused(
            "latin.geojsonl",
            b"{\"type\":\"Feature\",\"properties\":{\"id\":\"M\xfcnchen\"},\"geometry\":null}",
            &["UTF-8"],
        ),
        refused("steers.geojsonl", plot("a\\u001b[2J", 0, ""), &["\\u{1b}"]),
    ]);
}

#[test]
fn odd_but_good_geojson() {
    let lines = [plot("a", 0, r#","name":"甲""#), plot("b", 2, "")].join("\r\n");
    let marked = format!("\u{feff}{}", collection(&[plot("c", 4, "")]));
    check(vec![
        refused("crlf.geojsonl", lines, &["2 added"]).ends(0),
        refused("marked.geojson", marked, &["1 added"]).ends(0),
        refused("none.geojson", collection(&[]), &["0 rows", "nothing to write"]).ends(0),
        refused("packed.geojsonl.gz", gzip(plot("d", 6, "").as_bytes()), &["1 added"]).ends(0),
        refused("packed.geojsonl", gzip(plot("e", 8, "").as_bytes()), &["1 added"]).ends(0),
    ]);
}

#[test]
fn packed_and_cut_and_blown_up() {
    let packed = gzip([plot("a", 0, ""), plot("b", 2, "")].join("\n").as_bytes());
    let bomb = gzip(&vec![b' '; 64 << 20]);
    check(vec![
        refused("cut.geojsonl.gz", &packed[..packed.len() - 20], &["given", "expected"]),
        refused("bomb.geojsonl.gz", bomb.clone(), &["the ratio of unpacked to packed bytes"]),
        refused("bomb.geojson.gz", bomb, &["the ratio of unpacked to packed bytes"]),
        refused(
            "no.zip",
            b"PK\x03\x04 and nothing behind",
            &["given", "a zip archive that can be read"],
        ),
        refused("no.gpkg", vec![b'x'; 4_000], &["given", "expected"]),
        refused("short.gpkg", b"SQLite format 3\0", &["short.gpkg"]),
        refused("no.shp", vec![0; 200], &["no.shp", "expected"]),
        refused("a.fgb", b"fgb\x03fgb\0", &["no known format", "GeoJSON", "GeoPackage", "Shapefile"]),
        refused("a.dwg", "AC1032", &["no known format"]),
        refused("noending", "{}", &["no known format"]),
    ]);
}

#[test]
fn every_limit_can_be_set_and_holds() {
    let two = [plot("a", 0, ""), plot("b", 2, "")].join("\n");
    let case = |flags: &'static [&'static str], says: &'static [&'static str]| refused("two.geojsonl", two.clone(), says).with(flags);
    let deep = plot("a", 0, r#","x":[[[[[[1]]]]]]"#);
    let packed = gzip(&[two.as_bytes(), &vec![b' '; 10_000]].concat());
    check(vec![
        case(&["--max-file-bytes", "100"], &["bytes of a file is limited to 100"]),
        case(&["--max-features", "1"], &["at most 1"]),
        case(&["--max-vertices", "4"], &["given more than 4 positions", "fewer vertices"]),
        case(&["--max-feature-bytes", "100"], &["at most 100"]),
        refused("deep.geojsonl", deep, &["given deeper nesting, expected at most 4 levels"]).with(&["--max-depth", "4"]),
        refused("packed.geojsonl.gz", packed.clone(), &["bytes of the unpacked file", "5000"]).with(&["--max-decompressed-bytes", "5000"]),
        refused("packed.geojsonl.gz", packed, &["ratio", "limited to 2"]).with(&["--max-ratio", "2", "--ratio-after-bytes", "1000"]),
        case(&["--max-features=-1"], &["--max-features", "invalid digit"]),
        case(&["--max-features", "many"], &["many"]),
    ]);
}

/// A shapefile of two plots, made by GDAL.
struct Shapefile {
    folder: tempfile::TempDir,
}

impl Shapefile {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("in.geojson");
        let rows = [plot("a", 0, r#","DKMC":"北区""#), plot("b", 2, r#","DKMC":"南区""#)];
        std::fs::write(&source, collection(&rows)).unwrap();
        let made = Command::new("ogr2ogr")
            .args(["-f", "ESRI Shapefile", "-lco", "ENCODING=GB18030"])
            .arg(folder.path().join("plots.shp"))
            .arg(&source)
            .output();
        let made = made.expect("the tests need GDAL: apt-get install gdal-bin");
        assert!(made.status.success(), "{made:?}");
        Self { folder }
    }

    fn part(&self, ending: &str) -> PathBuf {
        self.folder.path().join("plots").with_extension(ending)
    }

    fn change(&self, ending: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
        let bytes = std::fs::read(self.part(ending)).unwrap_or_default();
        std::fs::write(self.part(ending), change(bytes)).unwrap();
    }

    fn zip(&self, into: &Path) {
        let mut zip = ZipWriter::new(std::fs::File::create(into).unwrap());
        for ending in ["shp", "shx", "dbf", "prj", "cpg"] {
            zip.start_file(format!("plots.{ending}"), SimpleFileOptions::default()).unwrap();
            zip.write_all(&std::fs::read(self.part(ending)).unwrap()).unwrap();
        }
        zip.finish().unwrap();
    }
}

/// Spoils a part of the shapefile, brings it as it lies and in a zip, and expects the same answer.
#[track_caller]
fn spoiled(ending: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>, status: i32, (flags, says): (&[&str], &[&str])) {
    let made = Shapefile::new();
    made.change(ending, change);
    let packed = made.folder.path().join("plots.zip");
    made.zip(&packed);
    for path in [made.part("shp"), packed] {
        let park = Park::new();
        park.import(&path, flags).ends(status).says(says);
        let expected = if status == 2 { 0 } else { 2 };
        assert_eq!(park.codes("parcels").len(), expected);
    }
}

#[test]
fn spoiled_shapefiles() {
    let xian = r#"PROJCS["Xian_1980_3_Degree_GK_Zone_40",GEOGCS["GCS_Xian_1980",DATUM["D_Xian_1980",SPHEROID["Xian_1980",6378140.0,298.257]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",40500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
    let same = |bytes| bytes;
    spoiled("prj", same, 0, (&[], &["2 added", "DKMC -> name", "GB18030"][..1]));
    spoiled("prj", |_| xian.into(), 2, (&[], &["Xian", "expected one that is known here"]));
    spoiled("prj", |_| xian.into(), 0, (&["--crs", "EPSG:4490"], &["CGCS2000"][..0]));
    spoiled("prj", |_| "nonsense".into(), 2, (&[], &["reference system nonsense"]));
    spoiled("dbf", |bytes| bytes[..bytes.len() - 40].to_vec(), 2, (&[], &["expected"]));
    spoiled("dbf", |_| vec![3; 10], 2, (&[], &["expected"]));
    spoiled("shp", |bytes| bytes[..bytes.len() - 30].to_vec(), 2, (&[], &["expected"]));
    spoiled("cpg", |_| "KLINGON".into(), 2, (&[], &["KLINGON"]));
    spoiled("cpg", |_| "KLINGON".into(), 0, (&["--encoding", "GB18030"], &["texts in gb18030"]));
    spoiled("cpg", same, 2, (&["--encoding", "KLINGON"], &["KLINGON"]));
    spoiled("cpg", same, 2, (&["--layer", "nowhere"], &["nowhere", "plots"]));
    spoiled("prj", same, 2, (&["--crs", "EPSG:4528"], &["EPSG:4528", "expected"][..1]));
    spoiled("shp", same, 2, (&["--max-parts", "0"], &["0"]));
    spoiled("dbf", same, 2, (&["--max-fields", "1"], &["fields", "limited to 1"]));
    spoiled(
        "shp",
        same,
        2,
        (&["--max-vertices", "3"], &["given 5 positions, expected at most 3"]),
    );
    let not_finite = |value: f64| {
        move |mut bytes: Vec<u8>| {
            // The header, the record's own header, its kind, box and counts, one part, the first point.
            let second_x = 100 + 8 + 4 + 32 + 8 + 4 + 16;
            bytes[second_x..second_x + 8].copy_from_slice(&value.to_le_bytes());
            bytes
        }
    };
    spoiled("shp", not_finite(f64::NAN), 2, (&[], &["NaN"]));
    spoiled("shp", not_finite(f64::INFINITY), 2, (&[], &["inf"]));
}

#[test]
fn a_zip_that_unpacks_to_too_much_is_stopped() {
    let park = Park::new();
    let path = park.path("bomb.zip");
    let mut zip = ZipWriter::new(std::fs::File::create(&path).unwrap());
    for ending in ["shp", "dbf", "prj"] {
        zip.start_file(format!("plots.{ending}"), SimpleFileOptions::default()).unwrap();
        let mut head = if ending == "shp" {
            std::fs::read(Shapefile::new().part("shp")).unwrap()
        } else {
            Vec::new()
        };
        head.truncate(100);
        zip.write_all(&head).unwrap();
        for _ in 0..64 {
            zip.write_all(&vec![0; 1 << 20]).unwrap();
        }
    }
    zip.finish().unwrap();
    park.import(&path, &[]).ends(2).says(&["expected"]);
    park.import(&path, &["--max-decompressed-bytes", "1000000"]).ends(2);
}
