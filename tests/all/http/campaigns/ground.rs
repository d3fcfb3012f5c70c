//! What a surveyor sees and changes: the ground that they are sent to and its neighbours, and of all else what the public sees.
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::client::Client;
use crate::support::service::{Kind, Server};

use super::{CAMPAIGN, Field};

on_both_stores!(
    a_surveyor_sees_the_own_ground_and_its_neighbours,
    a_search_shows_a_surveyor_what_the_public_sees,
    what_is_said_of_the_ground_of_others_waits_on_every_way,
);

/// Words that staff alone may see, one in each parcel.
fn marked(field: &mut Field) -> Server {
    let server = field.serve();
    let marks: Vec<Value> = (0..24)
        .map(|at| {
            let parcel = field.parcels[at].clone();
            field
                .park
                .setting(&parcel, &json!({"remarks": format!("MARK{at:02}"), "price_floor": 100 + at}))
        })
        .collect();
    server.with(&field.steward).apply(&marks);
    server
}

/// The parcels of which the remarks are told on every way to look at one record.
fn seen(client: &Client) -> BTreeSet<usize> {
    let told = |at: &usize| {
        let code = format!("P-{at:04}");
        let mark = format!("MARK{at:02}");
        let past = format!("?at={}", client.read("/api/v1/catalogue")["revision"]);
        let ways = ["", "/history", &past].map(|end| {
            let text = client.get(&format!("/api/v1/carriers/{code}{end}")).text();
            assert!(!text.contains("price_floor"), "for stewards alone: {text}");
            (text.contains(&mark), text.contains(r#""author":""#))
        });
        let (is_seen, has_author) = ways[0];
        assert_eq!(has_author, is_seen, "{code}: who wrote is for who sees it");
        assert!(ways.iter().all(|way| way.0 == is_seen), "{code}: {ways:?}");
        is_seen
    };
    (0..24).filter(told).collect()
}

fn a_surveyor_sees_the_own_ground_and_its_neighbours(kind: Kind) {
    let mut field = Field::new(kind);
    let server = marked(&mut field);
    let (one, other, staff) = (server.with(&field.surveyor), server.with(&field.other), server.with(&field.staff));
    let all: BTreeSet<usize> = (0..24).collect();
    assert_eq!(seen(&staff), all);
    assert_eq!(seen(&one), BTreeSet::new(), "nobody is sent anywhere");
    field.launch(&server);
    field.zones(&server);
    // The same records as in the package.
    for (client, targets, most) in [(&one, 0..10, 23), (&other, 10..24, 24)] {
        let package = client.read(&format!("/api/v1/campaigns/{CAMPAIGN}/package"));
        let packed = package["carriers"]["features"].as_array().unwrap().iter();
        let packed: BTreeSet<usize> = packed
            .map(|feature| feature["properties"]["code"].as_str().unwrap()[2..].parse().unwrap())
            .collect();
        assert!(targets.clone().all(|at| packed.contains(&at)) && packed.len() <= most, "{packed:?}");
        assert_eq!(seen(client), packed);
    }
    // The ground moves with the zones.
    let body = json!({"zones": [{"key": "end", "name": "End", "codes": ["P-0023"], "team": "a", "day": "2026-11-26"}]});
    let path = format!("/api/v1/campaigns/{CAMPAIGN}/zones");
    server.with(&field.steward).send(("PUT", &path), &[], &body).ok();
    let left = seen(&one);
    assert!(left.contains(&23) && !left.contains(&9), "{left:?}");
    assert_eq!(seen(&other), BTreeSet::new());
}

fn a_search_shows_a_surveyor_what_the_public_sees(kind: Kind) {
    let mut field = Field::new(kind);
    let server = marked(&mut field);
    field.launch(&server);
    field.zones(&server);
    let (surveyor, public, staff) = (server.with(&field.surveyor), server.public(), server.with(&field.staff));
    for path in [
        "/api/v1/search?collection=parcels&limit=50",
        "/api/v1/facets?collection=parcels&facets=status",
        "/api/v1/exports?collection=parcels&format=csv",
        "/api/v1/changes?since=0",
        "/tiles/parcels",
    ] {
        assert_eq!(surveyor.get(path).text(), public.get(path).text(), "{path}");
    }
    assert!(staff.get("/api/v1/search?collection=parcels&limit=50").text().contains("MARK03"));
    // Words that staff may search by find nothing, and attributes that may not be seen cannot be asked for.
    let found = |client: &Client| client.read("/api/v1/search?collection=parcels&q=MARK03")["numberMatched"].clone();
    assert_eq!([found(&surveyor), found(&public)], [json!(0), json!(0)]);
    let hidden = |client: &Client| {
        let catalogue = client.read("/api/v1/catalogue");
        let attributes = catalogue["attributes"].as_array().unwrap().clone();
        attributes
            .into_iter()
            .filter(|each| each["visibility"] != "public")
            .collect::<Vec<_>>()
    };
    assert!(hidden(&public).is_empty());
    // The form of a visit needs their names, though.
    let told = hidden(&surveyor);
    assert!(!told.is_empty() && told.iter().all(|each| each["searchable"] == false));
    assert!(hidden(&staff).iter().all(|each| each["searchable"] == true));
    for attribute in told
        .iter()
        .filter(|each| each["kind"] == "number" && each["collections"][0] == "parcels")
    {
        let key = attribute["key"].as_str().unwrap();
        surveyor
            .get(&format!("/api/v1/search?collection=parcels&{key}_min=1"))
            .problem(400, "unknown-parameter");
    }
}

fn what_is_said_of_the_ground_of_others_waits_on_every_way(kind: Kind) {
    let mut field = Field::new(kind);
    let server = marked(&mut field);
    // No targets: one beside those of the surveyor, one a long way from all.
    let strays = [24, 400].map(|at| field.park.parcel(&format!("P-{at:04}"), at, &json!({})));
    server.with(&field.steward).apply(&strays);
    let surveyor = server.with(&field.surveyor);
    let set = json!({"completed_on": "2020-01-01"});
    let patch = |code: &str| {
        let said = json!({"set": set, "evidence": "seen", "observed_at": "2026-11-25T08:00:00Z"});
        surveyor.send(("PATCH", &format!("/api/v1/carriers/{code}")), &[], &said).ok()
    };
    assert_eq!(patch("P-0400")["outcome"], "applied", "nobody is sent anywhere");
    field.launch(&server);
    field.zones(&server);
    for (code, outcome) in [
        ("P-0003", "applied"),
        ("P-0015", "proposed"),
        ("P-0024", "applied"),
        ("P-0400", "proposed"),
    ] {
        assert_eq!(patch(code)["outcome"], outcome, "{code}");
    }
    let edit = field.park.setting(&field.parcels[16].clone(), &set);
    assert_eq!(surveyor.edit(&[edit])[0]["outcome"], "proposed");
    // What came with a zone ends with its sign-off.
    let exceptions: Vec<Value> = (0..10)
        .map(|at| json!({"code": format!("P-{at:04}"), "reason": "flooded"}))
        .collect();
    let base = format!("/api/v1/campaigns/{CAMPAIGN}");
    let steward = server.with(&field.steward);
    steward.post(&format!("{base}/sample"), &json!({"zone": "west"})).ok();
    let end = json!({"zone": "west", "exceptions": exceptions});
    steward.post(&format!("{base}/sign-off"), &end).ok();
    assert_eq!(patch("P-0004")["outcome"], "proposed");
    let waiting = server.with(&field.staff).read("/api/v1/inbox");
    let held: BTreeSet<(&str, &str)> = waiting["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|item| Some((item["code"].as_str()?, item["sent"]["held"].as_str()?)))
        .collect();
    assert_eq!(
        held,
        ["P-0004", "P-0015", "P-0016", "P-0400"].map(|code| (code, "outside-zones")).into()
    );
}
