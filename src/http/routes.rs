//! Every path on one screen. The `OpenAPI` document and the check of parameter names are made from this table.
use super::route::Answers::{Events, File, GeoJson, Json, Nothing, Text, Tile};
use super::route::{Route, delete, get, patch, post};
use super::{
    assets, carriers, catalogue, changes, edits, exports, facets, ground, operation, requirements, search, session, stream, suitability,
    tiles,
};

/// The route table.
#[rustfmt::skip]
pub fn table() -> Vec<Route> {
    vec![
        get("/api/v1/catalogue", catalogue::read).answers(Json("Catalogue")).about("Collections, attributes, code lists and life-cycles that the viewer may see"),
        get("/api/v1/search", search::search).takes_search(search::OWN).answers(GeoJson("FeatureCollection")).about("Records that match, page by page"),
        get("/api/v1/facets", facets::count).takes_filters(facets::OWN).answers(Json("Facets")).about("Counts of values, each without its own condition"),
        post("/api/v1/suitability", suitability::suit).body("Requirement").answers(Json("Suitability")).about("Carriers that suit a project, ranked, each with its reasons; what almost suits; what would admit more"),
        post("/api/v1/requirements", requirements::save).body("Requirement").answers(Json("SavedRequirement")).about("Keep a requirement and the answer that it has now"),
        get("/api/v1/requirements", requirements::list).answers(Json("SavedRequirements")).about("Kept requirements"),
        get("/api/v1/requirements/{id}", requirements::read).answers(Json("SavedRequirement")).about("A kept requirement with its runs"),
        post("/api/v1/requirements/{id}/runs", requirements::run).answers(Json("Suitability")).about("Run a kept requirement on the present revision"),
        get("/api/v1/requirements/{id}/runs/{revision}", requirements::answer).answers(Json("Suitability")).about("The answer that a revision had, to the byte"),
        get("/api/v1/exports", exports::write).takes_filters(exports::OWN).answers(File).about("All records that match, as a file"),
        get("/api/v1/carriers/{code}", carriers::read).takes(carriers::OWN).answers(GeoJson("Carrier")).about("One record by code or id, closed or not"),
        patch("/api/v1/carriers/{code}", carriers::change).body("Patch").answers(Json("Receipt")).about("Change one record"),
        get("/api/v1/carriers/{code}/history", carriers::history).takes(carriers::OWN).answers(Json("History")).about("What became of a record"),
        get("/api/v1/carriers/{code}/net-area", ground::net_area).takes(&["setback_m"]).answers(Json("NetArea")).about("How much of a parcel can be built on: gross less the union of setback and hard layers, with the share of each"),
        post("/api/v1/edits", edits::write).body("Edits").answers(Json("Receipts")).about("A batch of edits, one receipt each"),
        get("/api/v1/changes", changes::read).takes(&["since", "limit"]).answers(Json("Changes")).about("What has changed since a revision"),
        get("/api/v1/changes/stream", stream::open).answers(Events).about("Says at once when there is a new revision"),
        get("/api/v1/session", session::read).answers(Json("Viewer")).about("Who asks"),
        post("/api/v1/session", session::log_in).body("LogIn").answers(Json("Viewer")).about("Log in"),
        delete("/api/v1/session", session::log_out).answers(Nothing).about("Log out"),
        post("/api/v1/tokens", session::make_token).body("TokenWish").answers(Json("Token")).about("Make a token for a program"),
        get("/api/v1/settings", operation::settings).answers(Json("Settings")).about("What the operator has set up"),
        get("/api/v1/openapi.json", operation::openapi).answers(Json("OpenApi")).about("This document, as far as the viewer may see it"),
        get("/tiles/{collection}", tiles::description).takes_filters(tiles::DESCRIPTION).answers(Json("TileJson")).about("TileJSON of a collection, with the same filter"),
        get("/tiles/{collection}/{z}/{x}/{y}", tiles::tile).takes_filters(tiles::OWN).answers(Tile).about("Vector tile"),
        get("/healthz", operation::health).answers(Json("Health")).about("The process answers"),
        get("/readyz", operation::ready).answers(Json("Health")).about("The store can be written"),
        get("/metrics", operation::metrics).answers(Text("text/plain")).about("Counts and durations for Prometheus"),
        get("/", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: map and list"),
        get("/desk", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: staff"),
        get("/desk/suit", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: what suits a project"),
        get("/field", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: surveyors"),
        get("/c/{code}", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: one record"),
        get("/assets/{*name}", assets::asset).answers(File).about("The web app's files"),
    ]
}
