use super::*;
use geo_types::point;

fn at(x: f64, y: f64) -> Coord<f64> {
    Coord { x, y }
}

fn near(found: Coord<f64>, expected: Coord<f64>, most: f64) -> bool {
    (found.x - expected.x).abs() < most && (found.y - expected.y).abs() < most
}

#[test]
fn known_points_are_met() {
    // Computed with PROJ 9.
    let cases = [
        (4528, (120.98, 31.86), (40_592_745.729, 3_526_747.150)),
        (4549, (120.98, 31.86), (592_745.729, 3_526_747.150)),
        (4528, (121.00, 31.85), (40_594_648.799, 3_525_655.497)),
        (4528, (120.95, 31.90), (40_589_867.610, 3_531_157.566)),
        (3857, (120.98, 31.86), (13_467_431.996, 3_744_947.449)),
    ];
    for (code, (x, y), (east, north)) in cases {
        let crs = from_epsg(code).unwrap();
        assert!(near(crs.from_lon_lat(at(x, y)).unwrap(), at(east, north), 0.0006), "EPSG:{code}");
        assert!(near(crs.to_lon_lat(at(east, north)).unwrap(), at(x, y), 1e-8), "EPSG:{code}");
    }
    let found = from_epsg(4528).unwrap().to_lon_lat(at(40_592_000.0, 3_526_000.0)).unwrap();
    assert!(near(found, at(120.972_050_520, 31.853_323_344), 6e-10), "{found:?}");
}

#[test]
fn every_listed_code_returns_to_where_it_came_from() {
    let listed = [
        4491..=4554,
        32601..=32660,
        32701..=32760,
        25828..=25838,
        26901..=26923,
        6669..=6692,
        2443..=2461,
        2249..=2249,
        26986..=26986,
    ];
    for code in listed.into_iter().flatten() {
        let crs = from_epsg(code).unwrap_or_else(|fault| panic!("EPSG:{code}: {fault}"));
        let Kind::Projected(projected) = &crs.kind else {
            panic!("EPSG:{code} is not projected")
        };
        let place = at(projected.lon_0 + 1.25, 35.5);
        let found = crs.from_lon_lat(place).unwrap();
        assert!(near(crs.to_lon_lat(found).unwrap(), place, 1e-9), "EPSG:{code}");
    }
}

#[test]
fn systems_of_other_lands_agree_with_proj() {
    // EPSG guidance note 7-2 gives no example for these; the origins of the planes are exact by definition.
    let origins = [
        (6677, (139.0 + 50.0 / 60.0, 36.0), (0.0, 0.0)),
        (26986, (-71.5, 41.0), (200_000.0, 750_000.0)),
    ];
    for (code, (x, y), (east, north)) in origins {
        assert!(
            near(from_epsg(code).unwrap().from_lon_lat(at(x, y)).unwrap(), at(east, north), 1e-4),
            "EPSG:{code}"
        );
    }
    let utm = from_epsg(32651).unwrap().from_lon_lat(at(123.0, 0.0)).unwrap();
    assert!(near(utm, at(500_000.0, 0.0), 1e-6));
}

#[test]
fn old_datums_and_unknown_codes_are_refused_with_the_reason() {
    for code in [2364, 2385, 2416, 2437, 4610, 4214] {
        assert!(matches!(from_epsg(code), Err(CrsFault::OldDatum { .. })), "EPSG:{code}");
    }
    assert!(matches!(from_epsg(27700), Err(CrsFault::Unknown { given }) if given == "EPSG:27700"));
    assert!(matches!(Crs::by_name("local grid"), Err(CrsFault::Unknown { .. })));
}

#[test]
fn names_that_people_give_are_known() {
    for name in [
        "EPSG:4528",
        "epsg:4528",
        "4528",
        " urn:ogc:def:crs:EPSG::4528",
        "http://www.opengis.net/def/crs/EPSG/0/4528",
    ] {
        assert_eq!(Crs::by_name(name).unwrap().name(), "EPSG:4528", "{name}");
    }
    for name in ["CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84", "WGS84", "cgcs2000"] {
        assert_eq!(Crs::by_name(name).unwrap().name(), "EPSG:4326", "{name}");
    }
    assert_eq!(Crs::by_name("gcj02").unwrap().name(), "GCJ-02");
}

#[test]
fn coordinates_of_another_system_are_refused() {
    let cases = [
        ("EPSG:4326", (592_745.7, 3_526_747.1), "metres as degrees"),
        ("EPSG:4528", (120.98, 31.86), "degrees as metres"),
        ("EPSG:4528", (592_745.7, 3_526_747.1), "easting without zone"),
        ("EPSG:4549", (40_592_745.7, 3_526_747.1), "easting with zone"),
        ("EPSG:4527", (40_592_745.7, 3_526_747.1), "another zone"),
        ("EPSG:4528", (3_526_747.1, 40_592_745.7), "north before east"),
        ("EPSG:4549", (3_526_747.1, 592_745.7), "north before east, without zone"),
        ("EPSG:4549", (f64::NAN, 3_526_747.1), "no number"),
        ("EPSG:4326", (f64::NAN, 31.0), "no degrees"),
    ];
    for (name, (x, y), why) in cases {
        let refused = Crs::by_name(name).unwrap().to_lon_lat(at(x, y));
        assert!(matches!(refused, Err(CrsFault::Outside { .. })), "{why}: {refused:?}");
    }
}

const ESRI_ZONE_40: &str = r#"PROJCS["CGCS2000_3_Degree_GK_Zone_40",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",40500000.0],PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]"#;
const OGC_UTM_51: &str = r#"PROJCS["WGS 84 / UTM zone 51N",
    GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563,AUTHORITY["EPSG","7030"]],AUTHORITY["EPSG","6326"]],
        PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]]],
    PROJECTION["Transverse_Mercator"],PARAMETER["latitude_of_origin",0],PARAMETER["central_meridian",123],PARAMETER["scale_factor",0.9996],
    PARAMETER["false_easting",500000],PARAMETER["false_northing",0],UNIT["metre",1],AXIS["Easting",EAST],AXIS["Northing",NORTH],AUTHORITY["EPSG","32651"]]"#;
const ESRI_MASSACHUSETTS_FEET: &str = r#"PROJCS["NAD_1983_StatePlane_Massachusetts_Mainland_FIPS_2001_Feet",GEOGCS["GCS_North_American_1983",DATUM["D_North_American_1983",SPHEROID["GRS_1980",6378137.0,298.257222101]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",656166.6666666665],PARAMETER["False_Northing",2460625.0],PARAMETER["Central_Meridian",-71.5],PARAMETER["Standard_Parallel_1",41.71666666666667],PARAMETER["Standard_Parallel_2",42.68333333333333],PARAMETER["Latitude_Of_Origin",41.0],UNIT["Foot_US",0.3048006096012192]]"#;

#[test]
fn prj_texts_agree_with_the_codes() {
    for (text, code, place) in [
        (ESRI_ZONE_40, 4528, at(120.98, 31.86)),
        (OGC_UTM_51, 32651, at(121.5, 31.2)),
        (ESRI_MASSACHUSETTS_FEET, 2249, at(-71.0, 42.3)),
    ] {
        let (described, coded) = (from_prj_text(text).unwrap(), from_epsg(code).unwrap());
        let planar = coded.from_lon_lat(place).unwrap();
        assert!(near(described.from_lon_lat(place).unwrap(), planar, 0.001), "EPSG:{code}");
        assert!(near(described.to_lon_lat(planar).unwrap(), place, 1e-8), "EPSG:{code}");
    }
    let degrees = from_prj_text(
        r#"GEOGCS["GCS_WGS_1984", DATUM["D_WGS_1984", SPHEROID["WGS_1984", 6378137.0, 298.257223563]], PRIMEM["Greenwich", 0.0], UNIT["degree", 0.017453292519943295], AXIS["Lon", EAST]]"#,
    );
    assert!(near(degrees.unwrap().to_lon_lat(at(121.0, 31.5)).unwrap(), at(121.0, 31.5), 1e-12));
}

#[test]
fn bad_prj_texts_are_refused() {
    let xian = ESRI_ZONE_40.replace("D_China_2000", "D_Xian_1980");
    assert!(matches!(from_prj_text(&xian), Err(CrsFault::OldDatum { given }) if given == "D_Xian_1980"));
    let beijing = ESRI_ZONE_40.replace("D_China_2000", "D_Beijing_1954");
    assert!(matches!(from_prj_text(&beijing), Err(CrsFault::OldDatum { .. })));
    let moon = ESRI_ZONE_40.replace("D_China_2000", "D_Moon_2000");
    assert!(matches!(from_prj_text(&moon), Err(CrsFault::Unknown { .. })));
    let odd = ESRI_ZONE_40.replace("Gauss_Kruger", "Loximuthal");
    assert!(matches!(from_prj_text(&odd), Err(CrsFault::Unknown { .. })));
    for text in [
        "",
        "PROJCS",
        "PROJCS[",
        "PROJCS[\"x\"",
        "PROJCS[\"x\"] rest",
        "LOCAL_CS[\"x\"]",
        &"A[".repeat(10_000),
    ] {
        assert!(from_prj_text(text).is_err(), "{text:.20}");
    }
}

#[test]
fn a_geometry_is_turned_as_a_whole() {
    let zone = from_epsg(4549).unwrap();
    let given: Geometry<f64> = point!(x: 592_745.729, y: 3_526_747.150).into();
    let Geometry::Point(found) = zone.geometry_to_lon_lat(&given).unwrap() else {
        panic!("a point stays a point")
    };
    assert!(near(found.0, at(120.98, 31.86), 1e-8));
    let shifted = Crs::gcj02().to_lon_lat(at(120.984_363_99, 31.857_982_24)).unwrap();
    assert!(near(shifted, at(120.98, 31.86), 1e-8));
}
