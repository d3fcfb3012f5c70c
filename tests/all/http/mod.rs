//! The service from outside: the real program, asked over HTTP.
//!
//! Where the store matters, a case is a function of the kind of store and [`on_both_stores`] makes a test of it for each.
#![expect(clippy::panic, reason = "here that is how a test fails")]

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

mod answers;
mod cage;
mod catalogue;
mod crash;
mod document;
mod limits;
mod live;
mod operation;
mod oracle;
mod pages;
mod past;
mod people;
mod privacy;
mod search;
mod shared;
mod suitability;
mod tiles;
mod trouble;
