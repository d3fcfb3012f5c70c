//! Every path on one screen. The `OpenAPI` document and the check of parameter names are made from this table.
use super::route::Answers::{Events, File, GeoJson, Json, Nothing, Text, Tile};
use super::route::{Route, delete, get, patch, post, put};
use super::{
    assets, campaigns, carriers, catalogue, changes, devices, edits, exports, facets, ground, inbox, operation, photos, requirements,
    search, session, stream, suitability, tiles, visits,
};

/// The route table.
pub fn table() -> Vec<Route> {
    [inventory(), field_work()].into_iter().flatten().collect()
}

/// Reading and writing the inventory, people, operation, pages.
#[rustfmt::skip]
fn inventory() -> Vec<Route> {
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
        get("/api/v1/carriers/{code}", carriers::read).takes(carriers::OWN).answers(GeoJson("Carrier")).about("One record by code or id, closed or not, with the photos of it that are approved"),
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
        get("/shortlist", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: a shared shortlist"),
        get("/desk/suit", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: what suits a project"),
        get("/desk/campaigns", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: survey campaigns"),
        get("/desk/campaigns/{id}", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: one campaign, its board, review and sign-off"),
        get("/desk/inbox", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: what waits for a decision"),
        get("/field", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: surveyors"),
        get("/c/{code}", assets::page).leaves_query_to_page().answers(Text("text/html")).about("The web app: one record"),
        get("/assets/{*name}", assets::asset).answers(File).about("The web app's files"),
    ]
}

/// Campaigns, visits, what waits for a person, photos, phones.
#[rustfmt::skip]
fn field_work() -> Vec<Route> {
    vec![
        post("/api/v1/edits/status", inbox::statuses).body("EditIds").answers(Json("EditStatuses")).about("What became of edits, decisions of people included"),
        get("/api/v1/inbox", inbox::list).takes(inbox::OWN).answers(Json("Inbox")).about("What waits for a person: edits in conflict or proposed, and facts that contradict each other; with state=decided what people have decided, the latest first"),
        post("/api/v1/inbox/decisions", inbox::decide).body("Decisions").answers(Json("DecisionResults")).about("Approve, return or reject what waits, one or many"),
        put("/api/v1/photos/{sha256}", photos::put).takes(photos::CHUNK).answers(Json("PhotoReceipt")).about("A chunk of a photo, of at most 1 MiB; the last one makes it whole and checks it"),
        get("/api/v1/photos/{sha256}", photos::original).answers(File).about("A photo as it was taken: for staff, and for who sent it"),
        get("/api/v1/photos/{sha256}/status", photos::status).answers(Json("PhotoReceipt")).about("How much of a photo the asker has sent"),
        get("/api/v1/photos/{sha256}/{size}", photos::smaller).answers(File).about("A photo made smaller (thumb, view), without what the camera wrote into it; public once it is approved"),
        get("/api/v1/devices", devices::list).answers(Json("Devices")).about("Phones in the field, and when they were last heard"),
        post("/api/v1/devices/{id}/heard", devices::hear).body("Heard").answers(Json("DeviceAnswer")).about("A sign of life of a phone"),
        post("/api/v1/devices/{id}/revoke", devices::revoke).body("Revocation").answers(Json("Device")).about("A phone was lost: what still comes from it waits for a person"),
        post("/api/v1/campaigns", campaigns::launch).takes(&["preview"]).body("Launch").answers(Json("Campaign")).about("Launch a survey campaign: a search becomes a list of targets; with preview=true nothing is written"),
        get("/api/v1/campaigns", campaigns::list).answers(Json("Campaigns")).about("Survey campaigns with their numbers"),
        get("/api/v1/campaigns/{id}", campaigns::read).answers(Json("Campaign")).about("A campaign with its zones and targets; surveyors see the zones of their teams"),
        get("/api/v1/campaigns/{id}/targets", campaigns::targets).answers(Json("OwnTargets")).about("Zones and targets of the asker's package as they stand now"),
        post("/api/v1/campaigns/{id}/targets", campaigns::retarget).body("Targets").answers(Json("Campaign")).about("Change the list of targets; the reason is logged"),
        put("/api/v1/campaigns/{id}/zones", campaigns::rezone).body("Zones").answers(Json("Campaign")).about("Paint the zones anew and give them to teams"),
        post("/api/v1/campaigns/{id}/zones/balance", campaigns::balance).body("Share").answers(Json("ProposedZones")).about("Zones of about the same work, one per team and day; nothing is saved"),
        get("/api/v1/campaigns/{id}/package", campaigns::package).answers(Json("Package")).about("What a phone needs for a day without network"),
        post("/api/v1/campaigns/{id}/reviews", visits::review).body("Reviews").answers(Json("ReviewResults")).about("Decide on visits, one result each"),
        post("/api/v1/campaigns/{id}/sample", campaigns::sample).body("Draw").answers(Json("Campaign")).about("Draw the targets that are visited a second time; drawn once, they stay"),
        post("/api/v1/campaigns/{id}/sign-off", campaigns::sign_off).body("SignOff").answers(Json("Campaign")).about("Sign a zone, or the campaign, off; refused with all that is open"),
        get("/api/v1/campaigns/{id}/report", campaigns::report).takes(&["lang"]).answers(Text("text/html")).about("The dated report, with a hash of its content"),
        post("/api/v1/visits/status", visits::statuses).body("VisitIds").answers(Json("VisitStatuses")).about("What became of visits, reviews included"),
        post("/api/v1/visits/retractions", visits::retract).body("Retractions").answers(Json("VisitReceipts")).about("Take back visits that nobody has approved, one receipt each; their edits that wait are withdrawn"),
        post("/api/v1/visits", visits::receive).body("Visits").answers(Json("VisitReceipts")).about("A batch of visits, one receipt each"),
    ]
}
