//! The decoder against tiles that others made, valid and not.
use super::decoder::decode;
use crate::support::shared::shared_data;

/// Called valid, yet not what a strict reader takes: one leaves its type out (as another that is called invalid), one says more points than it has.
const BEYOND: [&str; 2] = ["016", "057"];

#[test]
fn the_decoder_agrees_with_the_fixtures() {
    let Some(folder) = shared_data("corpora/mvt/fixtures") else {
        return;
    };
    let (mut taken, mut refused, mut wrong) = (0, 0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let info = std::fs::read_to_string(path.join("info.json")).unwrap();
        let info: serde_json::Value = serde_json::from_str(&info).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let valid = info["validity"]["v2"].as_bool().unwrap() && !BEYOND.contains(&name);
        let decoded = decode(&std::fs::read(path.join("tile.mvt")).unwrap());
        if decoded.is_ok() != valid {
            wrong.push(format!("{name}: {:?}, {}", decoded.err(), info["description"]));
        }
        if valid {
            taken += 1;
        } else {
            refused += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(taken > 40 && refused > 20, "{taken} taken, {refused} refused");
}
