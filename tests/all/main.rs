//! All integration tests in one binary, because linking is what costs time.
#![expect(clippy::unwrap_used, clippy::panic, reason = "here that is how a test fails")]
/// Makes a test of each case for each store.
macro_rules! on_both_stores {
    ($($case:ident),+ $(,)?) => {
        $(mod $case {
            use crate::support::service::Kind;

            #[test]
            fn geopackage() {
                super::$case(Kind::GeoPackage);
            }

            #[test]
            fn postgis() {
                super::$case(Kind::PostGis);
            }
        })+
    };
}

mod architecture;
mod cli_hostile;
mod cli_import;
mod cli_other;
mod demo;
mod field;
mod formats;
mod geometry;
mod http;
mod import;
mod index;
mod licences;
mod past;
mod site;
mod store_conformance;
mod suit;
mod suitability;
mod support;
mod survey;
mod tiles;
