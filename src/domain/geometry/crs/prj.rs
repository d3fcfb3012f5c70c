//! `.prj` texts: ESRI and OGC well-known text, version 1.
//!
//! The parameters decide, not the name: names lie more often.
use super::wkt::{Node, parse};
use super::{Crs, CrsFault, Kind, Projection};

/// Farthest from its middle that a projection of unknown purpose is believed, degrees of longitude.
const REACH_CONIC: f64 = 20.0;
const DEGREE: f64 = std::f64::consts::PI / 180.0;
/// Datums within two metres of CGCS2000, in lower case without `D_` and separators.
const SAME_DATUMS: [&str; 14] = [
    "wgs1984",
    "worldgeodeticsystem1984",
    "wgs84",
    "china2000",
    "chinageodeticcoordinatesystem2000",
    "cgcs2000",
    "etrs1989",
    "europeanterrestrialreferencesystem1989",
    "northamerican1983",
    "northamericandatum1983",
    "jgd2000",
    "jgd2011",
    "japanesegeodeticdatum2000",
    "japanesegeodeticdatum2011",
];
/// Beginnings of the names of datums about 100 m apart.
const OLD_DATUMS: [&str; 8] = [
    "xian",
    "beijing",
    "newbeijing",
    "tokyo",
    "northamerican1927",
    "northamericandatum1927",
    "pulkovo",
    "krasovsky",
];

/// The system that a `.prj` text describes.
pub fn from_prj_text(text: &str) -> Result<Crs, CrsFault> {
    let root = parse(text).map_err(|detail| CrsFault::Unreadable { detail })?;
    match root.keyword.as_str() {
        "GEOGCS" => {
            check_datum(&root)?;
            Ok(Crs::named(root.name(), Kind::LonLat))
        }
        "PROJCS" => projected(&root),
        _ => Err(CrsFault::Unknown {
            given: format!("{}[{:?}]", root.keyword, root.name()),
        }),
    }
}

fn projected(root: &Node) -> Result<Crs, CrsFault> {
    let geographic = root.child("GEOGCS").ok_or_else(|| unreadable("no GEOGCS in PROJCS"))?;
    check_datum(geographic)?;
    let method = root.child("PROJECTION").map_or("", Node::name);
    let unit_m = root
        .child("UNIT")
        .and_then(|unit| unit.numbers.first().copied())
        .ok_or_else(|| unreadable("no UNIT in PROJCS"))?;
    let parameter = |names: &[&str]| {
        let named = |node: &&Node| node.keyword == "PARAMETER" && names.iter().any(|name| node.name().eq_ignore_ascii_case(name));
        root.children.iter().find(named).and_then(|node| node.numbers.first().copied())
    };
    let lon_0 = parameter(&["Central_Meridian", "Longitude_Of_Center", "Longitude_Of_Origin"]).unwrap_or(0.0);
    let lat_0 = parameter(&["Latitude_Of_Origin", "Latitude_Of_Center"]).unwrap_or(0.0);
    let scale = parameter(&["Scale_Factor"]).unwrap_or(1.0);
    let east_m = parameter(&["False_Easting"]).unwrap_or(0.0) * unit_m;
    let north_m = parameter(&["False_Northing"]).unwrap_or(0.0) * unit_m;
    let parallels = (parameter(&["Standard_Parallel_1"]), parameter(&["Standard_Parallel_2"]));
    let (form, reach_deg) = match (method.to_lowercase().as_str(), parallels) {
        ("transverse_mercator" | "gauss_kruger" | "gauss_krueger", _) => (
            format!("+proj=tmerc +lat_0={lat_0} +k={scale}"),
            if scale < 0.9999 { 6.0 } else { 4.5 },
        ),
        ("lambert_conformal_conic" | "lambert_conformal_conic_2sp", (Some(one), Some(two))) => {
            (format!("+proj=lcc +lat_0={lat_0} +lat_1={one} +lat_2={two}"), REACH_CONIC)
        }
        ("albers" | "albers_conic_equal_area", (Some(one), Some(two))) => {
            (format!("+proj=aea +lat_0={lat_0} +lat_1={one} +lat_2={two}"), 2.0 * REACH_CONIC)
        }
        ("mercator_auxiliary_sphere" | "popular_visualisation_pseudo_mercator", _) => {
            return super::from_epsg(3857);
        }
        _ => {
            return Err(CrsFault::Unknown {
                given: format!("projection {method:?} of {:?}", root.name()),
            });
        }
    };
    let proj = format!(
        "{form} +lon_0={lon_0} +x_0={east_m} +y_0={north_m} +to_meter={unit_m} {}",
        spheroid(geographic)?
    );
    Crs::projected(root.name(), &Projection { proj, lon_0, reach_deg })
}

fn spheroid(geographic: &Node) -> Result<String, CrsFault> {
    let numbers = geographic
        .child("DATUM")
        .and_then(|datum| datum.child("SPHEROID"))
        .map(|spheroid| spheroid.numbers.as_slice());
    match numbers {
        Some([axis, flattening, ..]) if *flattening > 0.0 => Ok(format!("+a={axis} +rf={flattening}")),
        _ => Err(unreadable("no SPHEROID with an axis and a flattening")),
    }
}

/// Refuses datums that are not the same within two metres, meridians other than Greenwich and angles other than degrees.
fn check_datum(geographic: &Node) -> Result<(), CrsFault> {
    let datum = geographic.child("DATUM").map_or("", Node::name);
    let plain: String = datum.to_lowercase().chars().filter(|given| given.is_alphanumeric()).collect();
    let plain = plain.strip_prefix('d').filter(|_| datum.starts_with("D_")).unwrap_or(&plain);
    if OLD_DATUMS.iter().any(|old| plain.starts_with(old)) {
        return Err(CrsFault::OldDatum { given: datum.to_owned() });
    }
    if !SAME_DATUMS.contains(&plain) {
        return Err(CrsFault::Unknown {
            given: format!("datum {datum:?}"),
        });
    }
    let first = |keyword: &str| geographic.child(keyword).and_then(|node| node.numbers.first().copied());
    if first("PRIMEM").is_some_and(|meridian| meridian.abs() > 1e-9) {
        return Err(CrsFault::Unknown {
            given: format!("prime meridian of {:?}", geographic.name()),
        });
    }
    if first("UNIT").is_some_and(|unit| (unit - DEGREE).abs() > 1e-9) {
        return Err(CrsFault::Unknown {
            given: format!("angular unit of {:?}", geographic.name()),
        });
    }
    Ok(())
}

fn unreadable(detail: &str) -> CrsFault {
    CrsFault::Unreadable { detail: detail.to_owned() }
}
