//! Survey campaigns over HTTP: a park with a row of parcels, and people of each kind.
mod brought;
mod course;
mod ground;
mod heirs;
mod limits;
mod plan;
mod retract;
mod steps;
mod today;
mod visits;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::park::{Park, corners};
use crate::support::service::{Kind, Place, Server, succeed};

/// A park with a row of parcels, and people of each kind.
pub struct Field {
    pub place: Place,
    pub park: Park,
    /// Creations of the parcels.
    pub parcels: Vec<Value>,
    pub steward: String,
    pub staff: String,
    pub surveyor: String,
    pub other: String,
}

pub const CAMPAIGN: &str = "0192f0c1-0000-7000-8000-000000000001";
pub const DEVICE: &str = "0192f0c1-0000-7000-8000-0000000000d1";

/// A campaign that is launched and has its zones.
fn begun(kind: Kind) -> (Field, Server) {
    let field = Field::new(kind);
    let server = field.serve();
    field.launch(&server);
    field.zones(&server);
    (field, server)
}

impl Field {
    pub fn new(kind: Kind) -> Self {
        let place = Place::new(kind);
        let [steward, staff, surveyor] = ["steward", "staff", "surveyor"].map(|role| place.token(role));
        let location = place.location();
        succeed(
            &[
                "account",
                "add",
                "other",
                "--role",
                "surveyor",
                "--password-stdin",
                "--store",
                &location,
            ],
            crate::support::service::PASSWORD,
        );
        let other = succeed(&["token", "other", "--store", &location], "").trim().to_owned();
        let mut park = Park::new(17);
        let values = |at: usize| json!({"status": "AVAILABLE", "available_from": "2026-12-01", "name": format!("plot {at}")});
        let parcels = (0..24).map(|at| park.parcel(&format!("P-{at:04}"), at, &values(at))).collect();
        Self {
            place,
            park,
            parcels,
            steward,
            staff,
            surveyor,
            other,
        }
    }

    /// Starts the program and makes the parcels.
    pub fn serve(&self) -> Server {
        let server = self.place.serve();
        server.with(&self.steward).apply(&self.parcels);
        server
    }

    pub fn launch(&self, server: &Server) -> Value {
        server.with(&self.steward).post("/api/v1/campaigns", &launch()).ok()
    }

    /// West of the park for one team, east for the other.
    pub fn zones(&self, server: &Server) -> Value {
        let body = json!({"zones": [
            {"key": "west", "name": "West", "polygon": boxed(0, 9), "team": "a", "day": "2026-11-26"},
            {"key": "east", "name": "East", "polygon": boxed(10, 19), "team": "b", "day": "2026-11-26"},
            {"key": "north", "name": "North", "codes": ["P-0020", "P-0021", "P-0022", "P-0023"], "team": "b", "day": "2026-11-27"},
        ]});
        let path = format!("/api/v1/campaigns/{CAMPAIGN}/zones");
        server.with(&self.steward).send(("PUT", &path), &[], &body).ok()
    }

    pub fn visit(&mut self, at: usize, outcome: &str) -> Value {
        json!({
            "id": self.park.id(), "campaign": CAMPAIGN, "record": self.parcels[at]["record"], "base_version": 1, "outcome": outcome,
            "observed_at": "2026-11-25T08:00:00Z", "device": DEVICE, "counter": at + 1,
            "position": {"lon": corners(at)[0], "lat": corners(at)[1], "accuracy_m": 4.5},
            "reason": if ["confirmed", "changed"].contains(&outcome) { Value::Null } else { json!("the gate was locked") },
        })
    }
}

/// A launch of all available parcels.
pub fn launch() -> Value {
    json!({
        "id": CAMPAIGN, "name": "Year-end 2026", "deadline": "2026-12-31", "collections": ["parcels"], "search": "status=AVAILABLE",
        "start": {"lon": 120.9, "lat": 31.85}, "minutes": {"parcels": 15},
        "teams": [{"key": "a", "name": "Team A", "members": ["surveyor"]}, {"key": "b", "name": "Team B", "members": ["other"]}],
    })
}

/// Around the parcels from one place of a row to another.
pub fn boxed(first: usize, last: usize) -> Value {
    let ([west, south, ..], [_, _, east, north]) = (corners(first), corners(last));
    let (west, south, east, north) = (west - 1e-5, south - 1e-5, east + 1e-5, north + 1e-5);
    json!({"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]})
}

pub fn read(client: &Client) -> Value {
    client.read(&format!("/api/v1/campaigns/{CAMPAIGN}"))
}

pub fn send(client: &Client, visits: &[Value]) -> Vec<Value> {
    let answer = client.post("/api/v1/visits", &json!({ "visits": visits })).ok();
    answer["receipts"].as_array().unwrap().clone()
}

pub fn review(client: &Client, visits: &[&Value], verdict: &str) -> Vec<Value> {
    let reviews: Vec<_> = visits
        .iter()
        .map(|visit| json!({"visit": visit["id"], "verdict": verdict, "reason": "looked through"}))
        .collect();
    let answer = client
        .post(&format!("/api/v1/campaigns/{CAMPAIGN}/reviews"), &json!({ "reviews": reviews }))
        .ok();
    answer["results"].as_array().unwrap().clone()
}

pub fn codes(of: &Value) -> BTreeSet<String> {
    of.as_array()
        .unwrap()
        .iter()
        .map(|target| target["code"].as_str().unwrap().to_owned())
        .collect()
}

pub fn counts(campaign: &Value, keys: &[&str]) -> Vec<u64> {
    keys.iter().map(|key| campaign["numbers"][key].as_u64().unwrap()).collect()
}
