//! The EPSG codes that are met in Chinese parks and in the sample data. Parameters as in the EPSG dataset.
use super::{Crs, CrsFault, Kind, Projection};

/// Longest believed distance from the meridian of a 3° zone: measured land is carried into the neighbouring zone at borders.
const REACH_3_DEGREES: f64 = 4.5;
const REACH_6_DEGREES: f64 = 6.0;

/// Origins (latitude, longitude) of the 19 zones of the Japanese plane rectangular system, EPSG:6669 onward.
const JAPAN_ZONES: [(f64, f64); 19] = [
    (33.0, 129.5),
    (33.0, 131.0),
    (36.0, 132.0 + 10.0 / 60.0),
    (33.0, 133.5),
    (36.0, 134.0 + 20.0 / 60.0),
    (36.0, 136.0),
    (36.0, 137.0 + 10.0 / 60.0),
    (36.0, 138.5),
    (36.0, 139.0 + 50.0 / 60.0),
    (40.0, 140.0 + 50.0 / 60.0),
    (44.0, 140.25),
    (44.0, 142.25),
    (44.0, 144.25),
    (26.0, 142.0),
    (26.0, 127.5),
    (26.0, 124.0),
    (26.0, 131.0),
    (20.0, 136.0),
    (26.0, 154.0),
];

/// The system of an EPSG code.
///
/// | codes | what |
/// |---|---|
/// | 4326, 4490, 4258, 4269, 4612, 6668 | degrees |
/// | 3857 | web Mercator |
/// | 4491 to 4512, 4513 to 4554 | CGCS2000 Gauss-Krüger, 6° and 3° zones, with and without zone in the easting |
/// | 32601 to 32660, 32701 to 32760, 25828 to 25838, 26901 to 26923, 6688 to 6692 | UTM |
/// | 2443 to 2461, 6669 to 6687 | Japanese planes (JGD2000, JGD2011) |
/// | 26986, 2249 | NAD83 Massachusetts mainland, metres and survey feet |
pub fn from_epsg(code: u32) -> Result<Crs, CrsFault> {
    let name = format!("EPSG:{code}");
    if let Some(given) = old_datum(code) {
        return Err(CrsFault::OldDatum {
            given: format!("{given} ({name})"),
        });
    }
    if matches!(code, 4326 | 4490 | 4258 | 4269 | 4612 | 6668) {
        return Ok(Crs::named(&name, Kind::LonLat));
    }
    match projection(code) {
        Some(projection) => Crs::projected(&name, &projection),
        None => Err(CrsFault::Unknown { given: name }),
    }
}

fn old_datum(code: u32) -> Option<&'static str> {
    match code {
        4610 | 2327..=2390 => Some("Xian 1980"),
        4214 | 2401..=2442 | 21413..=21423 | 21453..=21463 | 21473..=21483 => Some("Beijing 1954"),
        4555 => Some("New Beijing"),
        4301 | 30161..=30179 => Some("Tokyo"),
        4267 | 26701..=26722 | 26786 => Some("NAD27"),
        _ => None,
    }
}

fn projection(code: u32) -> Option<Projection> {
    match code {
        3857 => Some(Projection {
            proj: "+proj=merc +a=6378137 +b=6378137 +units=m".to_owned(),
            lon_0: 0.0,
            reach_deg: 180.0,
        }),
        4491..=4501 => Some(gauss_krueger_6(code - 4478, Easting::WithZone)),
        4502..=4512 => Some(gauss_krueger_6(code - 4489, Easting::Plain)),
        4513..=4533 => Some(gauss_krueger_3(code - 4488, Easting::WithZone)),
        4534..=4554 => Some(gauss_krueger_3(code - 4509, Easting::Plain)),
        32601..=32660 => Some(utm(code - 32600, 0.0)),
        32701..=32760 => Some(utm(code - 32700, 10_000_000.0)),
        25828..=25838 => Some(utm(code - 25800, 0.0)),
        26901..=26923 => Some(utm(code - 26900, 0.0)),
        6688..=6692 => Some(utm(code - 6637, 0.0)),
        2443..=2461 => japan(code - 2443),
        6669..=6687 => japan(code - 6669),
        26986 => Some(massachusetts("+x_0=200000 +y_0=750000 +units=m")),
        2249 => Some(massachusetts("+x_0=200000.0001016002 +y_0=750000 +to_meter=0.3048006096012192")),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Easting {
    /// The zone stands before the easting: 40 592 745.
    WithZone,
    /// 592 745.
    Plain,
}

impl Easting {
    fn false_m(self, zone: u32) -> f64 {
        match self {
            Easting::WithZone => f64::from(zone) * 1e6 + 500_000.0,
            Easting::Plain => 500_000.0,
        }
    }
}

fn gauss_krueger_3(zone: u32, easting: Easting) -> Projection {
    transverse_mercator([0.0, f64::from(zone) * 3.0, 1.0, easting.false_m(zone), 0.0], REACH_3_DEGREES)
}

fn gauss_krueger_6(zone: u32, easting: Easting) -> Projection {
    transverse_mercator([0.0, f64::from(zone) * 6.0 - 3.0, 1.0, easting.false_m(zone), 0.0], REACH_6_DEGREES)
}

fn utm(zone: u32, false_northing_m: f64) -> Projection {
    transverse_mercator(
        [0.0, f64::from(zone) * 6.0 - 183.0, 0.9996, 500_000.0, false_northing_m],
        REACH_6_DEGREES,
    )
}

fn japan(zone_from_0: u32) -> Option<Projection> {
    let (lat_0, lon_0) = JAPAN_ZONES.get(zone_from_0 as usize)?;
    Some(transverse_mercator([*lat_0, *lon_0, 0.9999, 0.0, 0.0], REACH_3_DEGREES))
}

fn transverse_mercator([lat_0, lon_0, scale, east_m, north_m]: [f64; 5], reach_deg: f64) -> Projection {
    Projection {
        proj: format!("+proj=tmerc +lat_0={lat_0} +lon_0={lon_0} +k={scale} +x_0={east_m} +y_0={north_m} +ellps=GRS80"),
        lon_0,
        reach_deg,
    }
}

fn massachusetts(plane: &str) -> Projection {
    Projection {
        proj: format!("+proj=lcc +lat_1=42.68333333333333 +lat_2=41.71666666666667 +lat_0=41 +lon_0=-71.5 {plane} +ellps=GRS80"),
        lon_0: -71.5,
        reach_deg: REACH_6_DEGREES,
    }
}
