//! What every store must do, as one set of functions run on both.
use std::sync::{Arc, Mutex};
use std::time::Duration;

use zaiti::domain::edit::{Contradicted, Decision, HistoryEntry, Outcome, Receipt, Sent, Verdict};
use zaiti::domain::geometry::Shape;
use zaiti::domain::ids::{CarrierId, EditId, Revision, Version};
use zaiti::domain::record::Record;
use zaiti::domain::viewer::Role;
use zaiti::store::{
    Account, Grant, Part, RequirementRun, SavedRequirement, Sink, Store, StoreError, SurveyEntry, Transaction, Write, open,
};

use crate::support::postgres::{self, Database};
use crate::support::records::{COLLECTIONS, Maker, catalogue, overlay_definition, transaction};

/// A place for one store of a test, removed with it.
enum Place {
    GeoPackage(tempfile::TempDir),
    PostGis(Database<'static>),
}

impl Place {
    fn location(&self) -> String {
        match self {
            Self::GeoPackage(folder) => folder.path().join("park.gpkg").to_string_lossy().into_owned(),
            Self::PostGis(database) => database.location(),
        }
    }

    /// Makes the store what the schema before the present one had.
    fn take_back_decisions(&self) {
        match self {
            Self::GeoPackage(_) => rusqlite::Connection::open(self.location())
                .unwrap()
                .execute_batch(
                    "DROP INDEX decisions_at; DROP INDEX decisions_record; ALTER TABLE decisions DROP COLUMN at;
                    ALTER TABLE decisions DROP COLUMN record; UPDATE zaiti SET schema = 3;",
                )
                .unwrap(),
            Self::PostGis(database) => {
                database.sql(
                    "ALTER TABLE zaiti.decisions DROP COLUMN at, DROP COLUMN record; ALTER TABLE zaiti.blobs DROP COLUMN at;
                    DROP INDEX zaiti.blobs_unfinished; UPDATE zaiti.state SET schema = 3;",
                );
            }
        }
    }

    async fn open(&self) -> Arc<dyn Store> {
        open(&self.location()).await.unwrap()
    }
}

fn geopackage() -> Place {
    Place::GeoPackage(tempfile::tempdir().unwrap())
}

fn postgis() -> Place {
    Place::PostGis(postgres::database())
}

/// A loaded record, as text where it is text.
type Loaded = (CarrierId, String, String, Vec<u8>, u32, u64, i64, serde_json::Value, String, String);

async fn loaded(store: &dyn Store, parts: usize) -> (Revision, Vec<Loaded>) {
    let found = Mutex::new(Vec::new());
    let sinks = (0..parts)
        .map(|_| {
            let sink: Sink<'_> = Box::new(|raw| {
                let attributes = serde_json::from_str(raw.attributes).map_err(|error| error.to_string())?;
                found.lock().unwrap().push((
                    raw.id,
                    raw.collection.to_owned(),
                    raw.code.to_owned(),
                    raw.wkb.to_owned(),
                    raw.version.0,
                    raw.revision.0,
                    raw.changed_at_us,
                    attributes,
                    normal(raw.provenance),
                    normal(raw.closed),
                ));
                Ok(())
            });
            sink
        })
        .collect();
    let revision = store.load(sinks).await.unwrap();
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|loaded| loaded.0);
    (revision, found)
}

/// JSON with keys in order and no spaces; databases keep it in their own form.
fn normal(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        serde_json::from_str::<serde_json::Value>(text).unwrap().to_string()
    }
}

fn at(record: &Record, revision: Revision) -> Record {
    Record {
        revision,
        ..record.clone()
    }
}

fn entry_at(write: &Write, revision: Revision) -> HistoryEntry {
    HistoryEntry {
        revision,
        ..write.history.clone()
    }
}

/// What is written is read back the same, by id, by loading in one or several parts, and after reopening.
async fn keeps_what_is_written(place: Place) {
    let (mut maker, catalogue) = (Maker::new(1), catalogue());
    let store = place.open().await;
    let mut states: Vec<Record> = Vec::new();
    let mut histories: Vec<Vec<HistoryEntry>> = Vec::new();
    for round in 0..6 {
        let mut writes = Vec::new();
        let revision = Revision(round + 1);
        for (state, history) in states.iter_mut().zip(&mut histories) {
            let (next, shape_changed) = maker.next(state);
            let write = maker.write(Some(state), &next, shape_changed);
            history.push(entry_at(&write, revision));
            *state = at(&next, revision);
            writes.push(write);
        }
        for collection in COLLECTIONS.iter().cycle().take(12) {
            let record = maker.record(collection);
            let write = maker.creation(&record);
            histories.push(vec![entry_at(&write, revision)]);
            states.push(at(&record, revision));
            writes.push(write);
        }
        assert_eq!(store.commit(transaction(writes)).await, Ok(revision));
    }
    let (revision, one_part) = loaded(&*store, 1).await;
    assert_eq!((revision, one_part.len()), (Revision(6), states.len()));
    drop(store);
    let store = place.open().await;
    for (state, history) in states.iter().zip(&histories) {
        assert_eq!(store.record(state.id, &catalogue).await.unwrap().as_ref(), Some(state));
        assert_eq!(&store.history(state.id).await.unwrap(), history);
    }
    assert_eq!(loaded(&*store, 3).await, (Revision(6), one_part));
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
    assert_eq!(store.record(CarrierId(maker.uuid()), &catalogue).await.unwrap(), None);
}

/// The same record may be written several times in one transaction, each on top of the one before.
async fn takes_a_record_twice_in_one_transaction(place: Place) {
    let (mut maker, catalogue) = (Maker::new(2), catalogue());
    let store = place.open().await;
    let first = maker.record("parcels");
    let (second, second_shape) = maker.next(&first);
    let (third, third_shape) = maker.next(&second);
    let writes = vec![
        maker.creation(&first),
        maker.write(Some(&first), &second, second_shape),
        maker.write(Some(&second), &third, third_shape),
    ];
    store.commit(transaction(writes.clone())).await.unwrap();
    assert_eq!(store.record(first.id, &catalogue).await.unwrap(), Some(at(&third, Revision(1))));
    let history: Vec<_> = writes.iter().map(|write| entry_at(write, Revision(1))).collect();
    assert_eq!(store.history(first.id).await.unwrap(), history);
}

/// A refused transaction leaves nothing behind, whatever came before the refused part.
async fn refuses_what_is_stale_or_taken(place: Place) {
    let (mut maker, catalogue) = (Maker::new(3), catalogue());
    let store = place.open().await;
    let known = maker.record("parcels");
    let creation = maker.creation(&known);
    store.commit(transaction(vec![creation.clone()])).await.unwrap();
    let fresh = maker.record("units");
    let bystander = maker.creation(&fresh);
    let refusals = refusals(&mut maker, &known, &creation);
    for (refused, expected) in refusals {
        let mut with_bystander = (*refused).clone();
        with_bystander.writes.insert(0, bystander.clone());
        for transaction in [refused, Arc::new(with_bystander)] {
            assert_eq!(store.commit(transaction).await, Err(expected.clone()));
        }
        assert_eq!(store.record(fresh.id, &catalogue).await.unwrap(), None);
    }
    assert_eq!(
        store.changes(Revision(0), 100).await.unwrap(),
        vec![entry_at(&creation, Revision(1))]
    );
    assert_eq!(store.commit(transaction(vec![bystander])).await, Ok(Revision(2)));
}

fn refusals(maker: &mut Maker, known: &Record, creation: &Write) -> Vec<(Arc<Transaction>, StoreError)> {
    let (next, shape_changed) = maker.next(known);
    let mut ahead = maker.write(Some(known), &next, shape_changed);
    ahead.expected = Some(Version(7));
    let stranger = maker.record("parcels");
    let unknown = maker.write(Some(&stranger), &stranger, false);
    let same_code = Record {
        code: known.code.clone(),
        ..maker.record("buildings")
    };
    let same_id = Record {
        id: known.id,
        ..maker.record("river_1km")
    };
    let stale = |record, expected, found| StoreError::Stale {
        record,
        expected: Some(Version(expected)),
        found,
    };
    let taken = |what, value: String| StoreError::Duplicate { what, value };
    vec![
        (transaction(vec![ahead]), stale(known.id, 7, Some(Version(1)))),
        (transaction(vec![unknown]), stale(stranger.id, 1, None)),
        (transaction(vec![maker.creation(&same_code)]), taken("code", known.code.clone())),
        (
            transaction(vec![maker.creation(&same_id)]),
            taken("record id", known.id.to_string()),
        ),
        (
            Arc::new(Transaction {
                receipts: vec![Maker::receipt(creation)],
                ..Transaction::default()
            }),
            taken("edit id", creation.history.edit.0.to_string()),
        ),
    ]
}

/// Receipts of every outcome come back with the revision of their transaction; a transaction may hold nothing else.
async fn answers_an_edit_twice_the_same(place: Place) {
    let mut maker = Maker::new(4);
    let store = place.open().await;
    let receipts = receipts_of_every_outcome(&mut maker);
    for receipt in &receipts {
        let alone = Transaction {
            writes: Vec::new(),
            receipts: vec![receipt.clone()],
            ..Transaction::default()
        };
        store.commit(Arc::new(alone)).await.unwrap();
    }
    let mut asked: Vec<EditId> = receipts.iter().map(|receipt| receipt.edit).collect();
    asked.push(EditId(maker.uuid()));
    let mut found = store.receipts(asked).await.unwrap();
    found.sort_by_key(|receipt| receipt.revision);
    let expected: Vec<_> = (1..)
        .zip(receipts)
        .map(|(revision, receipt)| Receipt {
            revision: Revision(revision),
            ..receipt
        })
        .collect();
    assert_eq!(found, expected);
    assert_eq!(store.receipts(Vec::new()).await.unwrap(), Vec::new());
}

fn receipts_of_every_outcome(maker: &mut Maker) -> Vec<Receipt> {
    let outcomes = [
        Outcome::Applied { version: Version(3) },
        Outcome::Merged {
            version: Version(4),
            superseded: Vec::new(),
        },
        Outcome::Conflict {
            version: Version(2),
            fields: vec!["area".into(), "status".into()],
        },
        Outcome::Proposed {
            fields: vec!["owner".into()],
        },
        Outcome::Returned {
            reason: "forbidden-transition".into(),
            detail: "从 HOLD 到 \"X\"".into(),
            kept: true,
        },
        Outcome::Returned {
            reason: "unreadable-edit".into(),
            detail: "太大".into(),
            kept: false,
        },
        Outcome::Merged {
            version: Version(5),
            superseded: vec!["area".into()],
        },
    ];
    let kept = serde_json::json!({"set": {"area": 1.0, "名": ["z", "a", 5, null]}, "evidence": "told"});
    let sent = [
        Sent::default(),
        Sent {
            digest: "00ff".into(),
            ..Sent::default()
        },
        Sent {
            edit: Some(kept.clone()),
            author: "李".into(),
            ..Sent::default()
        },
        Sent {
            digest: "ab".into(),
            edit: Some(kept),
            author: "li.wei".into(),
            at: Some(maker.time()),
            handed_in_by: Some("王".into()),
            held: Some("revoked-device".into()),
        },
    ];
    outcomes
        .into_iter()
        .zip(sent.into_iter().chain(std::iter::repeat(Sent::default())))
        .map(|(outcome, sent)| Receipt {
            edit: EditId(maker.uuid()),
            record: CarrierId(maker.uuid()),
            outcome,
            revision: Revision(99),
            sent,
        })
        .collect()
}

/// What waits for a person is listed until it is decided, once.
async fn keeps_what_waits_and_decisions(place: Place) {
    let mut maker = Maker::new(15);
    let store = place.open().await;
    let receipts = receipts_of_every_outcome(&mut maker);
    let all = Transaction {
        receipts: receipts.clone(),
        ..Transaction::default()
    };
    store.commit(Arc::new(all)).await.unwrap();
    let waiting = |found: Vec<Receipt>| {
        found
            .into_iter()
            .map(|receipt| receipt.edit)
            .collect::<std::collections::BTreeSet<_>>()
    };
    let open = [receipts[2].edit, receipts[3].edit];
    assert_eq!(waiting(store.open_receipts().await.unwrap()), open.into());
    let slim = store
        .open_edits()
        .await
        .unwrap()
        .into_iter()
        .map(|each| (EditId(each.edit), each.is_conflict));
    assert_eq!(
        slim.collect::<std::collections::BTreeMap<_, _>>(),
        [(open[0], true), (open[1], false)].into()
    );
    let decision = Decision {
        edit: open[0],
        verdict: Verdict::Approved,
        reason: "看过".into(),
        by: "王".into(),
        at: maker.time(),
        written_as: Some(EditId(maker.uuid())),
        about: None,
    };
    let decide = || Transaction {
        decisions: vec![decision.clone()],
        ..Transaction::default()
    };
    store.commit(Arc::new(decide())).await.unwrap();
    assert_eq!(waiting(store.open_receipts().await.unwrap()), [open[1]].into());
    assert_eq!(store.decisions(open.to_vec()).await.unwrap(), vec![decision.clone()]);
    let twice = store.commit(Arc::new(decide())).await;
    assert!(
        matches!(
            twice,
            Err(StoreError::Duplicate {
                what: "decision on edit",
                ..
            })
        ),
        "{twice:?}"
    );
}

/// Decisions are listed latest first, page by page, whatever fraction of a second their times have.
#[expect(
    clippy::too_many_lines,
    reason = "one story: the same decisions, by page, by record and after a migration"
)]
async fn lists_decisions_latest_first(place: Place) {
    let mut maker = Maker::new(18);
    let store = place.open().await;
    assert!(store.decided(None, None, 5).await.unwrap().is_empty());
    let times = [
        "08:00:00",
        "08:00:00.5",
        "08:00:00.51",
        "08:00:00.500001",
        "08:00:00",
        "07:59:59.999999",
        "08:00:01",
        "08:00:00",
    ];
    let mut decisions: Vec<Decision> = times
        .iter()
        .enumerate()
        .map(|(at, time)| Decision {
            edit: EditId(maker.uuid()),
            verdict: Verdict::Approved,
            reason: String::new(),
            by: "王".into(),
            at: format!("2026-11-25T{time}Z").parse().unwrap(),
            written_as: None,
            about: (at == 1).then(|| Contradicted {
                record: CarrierId(maker.uuid()),
                collection: "parcels".into(),
                code: "P-1".into(),
                own: ("area_declared".into(), 0.1 + 0.2),
                other: ("area_planar".into(), 1e-7),
                percent: 1.0,
            }),
        })
        .collect();
    for part in decisions.chunks(3) {
        let transaction = Transaction {
            decisions: part.to_vec(),
            ..Transaction::default()
        };
        store.commit(Arc::new(transaction)).await.unwrap();
    }
    let latest_first = |all: &mut Vec<Decision>| all.sort_by_key(|decision| std::cmp::Reverse((decision.at, decision.edit.0.to_string())));
    latest_first(&mut decisions);
    assert_eq!(store.decided(None, None, 100).await.unwrap(), decisions);
    let mut walked = Vec::new();
    loop {
        let before = walked.last().map(|last: &Decision| (last.at, last.edit));
        let page = store.decided(None, before, 3).await.unwrap();
        walked.extend(page.iter().cloned());
        if page.len() < 3 {
            break;
        }
    }
    assert_eq!(walked, decisions);
    // Of one record: that of the edit, and that which a contradiction is about. Of the others nothing says what they were about.
    let receipts = receipts_of_every_outcome(&mut maker);
    let (record, edit) = (receipts[2].record, receipts[2].edit);
    let template = &decisions[0];
    let own = [
        Decision {
            edit,
            at: maker.time(),
            ..template.clone()
        },
        Decision {
            edit: EditId(maker.uuid()),
            about: decisions
                .iter()
                .find_map(|each| each.about.clone())
                .map(|about| Contradicted { record, ..about }),
            ..template.clone()
        },
    ];
    let transaction = Transaction {
        receipts,
        decisions: own.to_vec(),
        ..Transaction::default()
    };
    store.commit(Arc::new(transaction)).await.unwrap();
    decisions.extend(own.clone());
    latest_first(&mut decisions);
    let mut found = store.decided(Some(record), None, 10).await.unwrap();
    assert_eq!(
        found,
        decisions.iter().filter(|each| own.contains(each)).cloned().collect::<Vec<_>>()
    );
    assert_eq!(
        store.decided(Some(record), Some((found[0].at, found[0].edit)), 10).await.unwrap(),
        found.split_off(1)
    );
    assert_eq!(store.decided(Some(CarrierId(maker.uuid())), None, 10).await.unwrap(), vec![]);
    // A store that an older program has written says the same.
    drop(store);
    place.take_back_decisions();
    let store = place.open().await;
    assert_eq!(store.decided(None, None, 100).await.unwrap(), decisions);
    assert_eq!(store.decided(Some(record), None, 10).await.unwrap().len(), 2);
}

/// The log of campaigns keeps its order, has no gap, and takes an entry once.
async fn keeps_the_log_of_campaigns(place: Place) {
    let mut maker = Maker::new(16);
    let store = place.open().await;
    let entries: Vec<_> = (1..=7).map(|seq| maker.survey_entry(seq)).collect();
    store.append_survey(entries[..3].to_vec()).await.unwrap();
    for wrong in [
        vec![maker.survey_entry(3)],
        vec![maker.survey_entry(5)],
        vec![entries[3].clone(), maker.survey_entry(6)],
    ] {
        let refused = store.append_survey(wrong).await;
        assert!(matches!(refused, Err(StoreError::Duplicate { .. })), "{refused:?}");
    }
    let again = SurveyEntry {
        seq: 4,
        ..entries[0].clone()
    };
    let refused = store.append_survey(vec![again]).await;
    assert!(
        matches!(refused, Err(StoreError::Duplicate { what: "entry id", .. })),
        "{refused:?}"
    );
    store.append_survey(entries[3..].to_vec()).await.unwrap();
    drop(store);
    let store = place.open().await;
    assert_eq!(store.survey_since(0, 100).await.unwrap(), entries);
    assert_eq!(store.survey_since(2, 3).await.unwrap(), entries[2..5]);
    assert_eq!(store.survey_since(7, 3).await.unwrap(), vec![]);
}

/// Bytes gather under a name from the beginning to the end, outlive the process, and take another name as a whole.
async fn keeps_bytes_under_names(place: Place) {
    let store = place.open().await;
    let name = |text: &str| text.to_owned();
    let piece = |at: usize| bytes::Bytes::from(vec![u8::try_from(at).unwrap(); 70_000]);
    assert_eq!(store.blob_size(name("3f9a")).await.unwrap(), None);
    assert_eq!(store.read_blob(name("none"), 0, 10).await.unwrap(), Vec::<u8>::new());
    for at in 0..3 {
        store.append_blob(name("3f9a"), at as u64 * 70_000, piece(at)).await.unwrap();
    }
    for wrong in [0, 70_000, 209_999, 210_001] {
        let refused = store.append_blob(name("3f9a"), wrong, piece(9)).await;
        assert!(
            matches!(&refused, Err(StoreError::Duplicate { what: "place in the blob", value }) if value == "210000"),
            "{refused:?}"
        );
    }
    drop(store);
    let store = place.open().await;
    assert_eq!(store.blob_size(name("3f9a")).await.unwrap(), Some(210_000));
    let middle = store.read_blob(name("3f9a"), 69_999, 70_002).await.unwrap();
    assert_eq!((middle.len(), middle[0], middle[1], middle[70_001]), (70_002, 0, 1, 2));
    assert_eq!(store.read_blob(name("3f9a"), 209_000, 5_000).await.unwrap().len(), 1_000);
    store.append_blob(name("whole"), 0, piece(7)).await.unwrap();
    store.rename_blob(name("3f9a"), name("whole")).await.unwrap();
    assert_eq!(store.blob_size(name("whole")).await.unwrap(), Some(210_000));
    assert_eq!(store.blob_size(name("3f9a")).await.unwrap(), None);
    store.remove_blob(name("whole")).await.unwrap();
    store.remove_blob(name("whole")).await.unwrap();
    assert_eq!(store.blob_size(name("whole")).await.unwrap(), None);
}

/// What is not whole is counted by whose it is, and goes when nobody adds to it; what is whole stays, whatever becomes of the rest.
async fn lets_go_of_what_is_never_finished(place: Place) {
    const HOUR: Duration = Duration::from_hours(1);
    let store = place.open().await;
    let name = |text: &str| text.to_owned();
    let piece = |bytes: usize| bytes::Bytes::from(vec![7; bytes]);
    let unfinished = async |store: &dyn Store, ending: &str| store.unfinished_bytes(name(ending)).await.unwrap();
    assert_eq!(unfinished(&*store, "-a.part").await, 0);
    assert_eq!(store.remove_idle_blobs(HOUR).await.unwrap(), Vec::<u64>::new());
    for (blob, start, bytes) in [
        ("3f9a-a.part", 0, 1_000),
        ("3f9a-a.part", 1_000, 500),
        ("77aa-a.part", 0, 30),
        ("3f9a-b.part", 0, 7),
        ("3f9a-ba.part", 0, 100),
        ("3f9a", 0, 5_000),
        ("3f9a.thumb", 0, 50),
    ] {
        store.append_blob(name(blob), start, piece(bytes)).await.unwrap();
    }
    assert_eq!(unfinished(&*store, "-a.part").await, 1_530);
    assert_eq!((unfinished(&*store, "-b.part").await, unfinished(&*store, "-c.part").await), (7, 0));
    assert!(store.rename_blob(name("77aa-a.part"), name("77aa")).await.unwrap());
    store.append_blob(name("3f9a-b.part"), 7, piece(3)).await.unwrap();
    store.append_blob(name("3f9a-b.part"), 7, piece(3)).await.unwrap_err();
    assert_eq!(
        (unfinished(&*store, "-a.part").await, unfinished(&*store, "-b.part").await),
        (1_500, 10)
    );
    // What is not there takes no other's place.
    assert!(!store.rename_blob(name("77aa-a.part"), name("77aa")).await.unwrap());
    assert_eq!(store.blob_size(name("77aa")).await.unwrap(), Some(30));
    store.remove_blob(name("3f9a-ba.part")).await.unwrap();
    drop(store);
    let store = place.open().await;
    assert_eq!(
        (unfinished(&*store, "-a.part").await, unfinished(&*store, "-b.part").await),
        (1_500, 10)
    );
    assert_eq!(
        store.remove_idle_blobs(HOUR).await.unwrap(),
        Vec::<u64>::new(),
        "somebody may still go on with them"
    );
    let mut removed = store.remove_idle_blobs(Duration::ZERO).await.unwrap();
    removed.sort_unstable();
    assert_eq!(removed, [10, 1_500]);
    assert_eq!((unfinished(&*store, "-a.part").await, unfinished(&*store, "-b.part").await), (0, 0));
    for (blob, bytes) in [
        ("3f9a", Some(5_000)),
        ("3f9a.thumb", Some(50)),
        ("77aa", Some(30)),
        ("3f9a-a.part", None),
    ] {
        assert_eq!(store.blob_size(name(blob)).await.unwrap(), bytes, "{blob}");
    }
    store.append_blob(name("3f9a-a.part"), 0, piece(8)).await.unwrap();
    assert_eq!(unfinished(&*store, "-a.part").await, 8);
}

/// A walk through the changes by pages of any size sees every line once, in order, and never half a revision.
async fn pages_changes_by_whole_revisions(place: Place) {
    let mut maker = Maker::new(5);
    let store = place.open().await;
    let mut all = Vec::new();
    for (revision, size) in (1..).zip([1, 3, 1, 7, 2, 1]) {
        let writes: Vec<_> = (0..size).map(|_| maker.new_in("units")).collect();
        all.extend(writes.iter().map(|write| entry_at(write, Revision(revision))));
        store.commit(transaction(writes)).await.unwrap();
    }
    for limit in 1..=all.len() + 1 {
        let (mut since, mut walked) = (Revision(0), Vec::new());
        loop {
            let page = store.changes(since, limit).await.unwrap();
            let first = page.first().map(|line| (line.revision, line.changed_at));
            assert_eq!(store.first_change(since).await.unwrap(), first);
            let all = store.changes(Revision(0), usize::MAX).await.unwrap();
            let lines: Vec<_> = all.iter().filter(|line| line.revision <= since).rev().collect();
            let behind = lines.get(limit).map(|line| line.revision);
            assert_eq!(store.reach(since, limit).await.unwrap(), behind, "{limit} lines before {since}");
            let Some(last) = page.last() else { break };
            assert!(
                page.len() <= limit || page.iter().all(|entry| entry.revision == last.revision),
                "{} lines with limit {limit}",
                page.len()
            );
            since = last.revision;
            walked.extend(page);
        }
        assert_eq!(walked, all, "with pages of {limit}");
    }
    assert_eq!(store.changes(Revision(6), 10).await.unwrap(), Vec::new());
}

/// Overlays, accounts, sessions and tokens: added, replaced, ended, and there after reopening.
async fn keeps_overlays_and_people(place: Place) {
    let mut maker = Maker::new(6);
    let store = place.open().await;
    assert_eq!(store.overlays().await.unwrap().len(), 0);
    for buffer_m in [1.5, 30.0] {
        store.put_overlay(overlay_definition(buffer_m)).await.unwrap();
    }
    let account = |name: &str, role, disabled| Account {
        name: name.into(),
        display_name: "王 伟".into(),
        role,
        password_hash: "$argon2id$v=19$...".into(),
        disabled,
    };
    store.put_account(account("wang", Role::Staff, false)).await.unwrap();
    store.put_account(account("li", Role::Admin, false)).await.unwrap();
    store.put_account(account("wang", Role::Steward, true)).await.unwrap();
    let grant = |secret: u8, token_label: Option<&str>, expires_at| Grant {
        secret_sha256: [secret; 32],
        account: "li".into(),
        token_label: token_label.map(str::to_owned),
        expires_at,
    };
    let grants = [
        grant(1, None, maker.time()),
        grant(2, Some("QGIS 桌面"), maker.time()),
        grant(3, None, maker.time()),
    ];
    for grant in &grants {
        store.put_grant(grant.clone()).await.unwrap();
    }
    store.end_grant([1; 32]).await.unwrap();
    store.end_grant([9; 32]).await.unwrap();
    drop(store);
    let store = place.open().await;
    let overlays = store.overlays().await.unwrap();
    assert_eq!(format!("{overlays:?}"), format!("{:?}", [overlay_definition(30.0)]));
    assert_eq!(
        store.accounts().await.unwrap(),
        [account("li", Role::Admin, false), account("wang", Role::Steward, true)]
    );
    assert_eq!(store.grants().await.unwrap(), grants[1..]);
    store.ping().await.unwrap();
}

/// Views can be made, made again, and widened, with records in the store or without.
async fn makes_views(place: Place) {
    let (mut maker, mut catalogue) = (Maker::new(7), catalogue());
    let store = place.open().await;
    store.refresh_views(&catalogue).await.unwrap();
    store.refresh_views(&catalogue).await.unwrap();
    let writes = COLLECTIONS.map(|collection| maker.new_in(collection));
    store.commit(transaction(writes.to_vec())).await.unwrap();
    let first = catalogue.attributes.remove(0);
    store.refresh_views(&catalogue).await.unwrap();
    catalogue.attributes.push(first);
    store.refresh_views(&catalogue).await.unwrap();
    assert_eq!(loaded(&*store, 2).await.1.len(), 4);
}

/// A sink that does not understand a record stops the loading, and the store says which reason it gave.
async fn stops_loading_when_a_sink_says_so(place: Place) {
    let mut maker = Maker::new(8);
    let store = place.open().await;
    let writes = (0..9).map(|_| maker.new_in("parcels")).collect();
    store.commit(transaction(writes)).await.unwrap();
    let sinks = (0..2)
        .map(|_| -> Sink<'_> { Box::new(|raw| Err(format!("{} is strange", raw.collection))) })
        .collect();
    let refused = store.load(sinks).await;
    assert!(
        matches!(&refused, Err(StoreError::Damaged { reason, .. }) if reason == "parcels is strange"),
        "{refused:?}"
    );
}

/// A unit without an outline has none after an outline is taken away either.
async fn takes_an_outline_away(place: Place) {
    let (mut maker, catalogue) = (Maker::new(9), catalogue());
    let store = place.open().await;
    let mut unit = maker.record("units");
    while unit.geometry == Shape::None {
        unit.geometry = maker.shape("units");
    }
    let bare = Record {
        version: Version(2),
        geometry: Shape::None,
        ..unit.clone()
    };
    store.commit(transaction(vec![maker.creation(&unit)])).await.unwrap();
    store
        .commit(transaction(vec![maker.write(Some(&unit), &bare, true)]))
        .await
        .unwrap();
    assert_eq!(store.record(unit.id, &catalogue).await.unwrap(), Some(at(&bare, Revision(2))));
    assert_eq!(store.history(unit.id).await.unwrap()[1].geometry_before, Some(unit.geometry));
}

/// Hands writes over in parts of two, and says whether to commit.
async fn in_parts(store: &Arc<dyn Store>, writes: Vec<Write>, end: Option<Part>) -> Result<Option<Revision>, StoreError> {
    let (sender, parts) = tokio::sync::mpsc::channel(1);
    let committing = tokio::spawn({
        let store = store.clone();
        async move { store.commit_parts(parts).await }
    });
    let parts = writes.chunks(2).map(|chunk| Part::Writes(chunk.to_vec()));
    for part in parts.chain(end) {
        // A store that has failed hears no more, and its answer says why.
        if sender.send(part).await.is_err() {
            break;
        }
    }
    drop(sender);
    committing.await.unwrap()
}

/// A transaction in parts is one transaction: one revision, all or nothing.
async fn takes_a_transaction_in_parts(place: Place) {
    let (mut maker, catalogue) = (Maker::new(10), catalogue());
    let store = place.open().await;
    let known = maker.new_in("parcels");
    store.commit(transaction(vec![known.clone()])).await.unwrap();
    let mut writes: Vec<Write> = (0..5).map(|_| maker.new_in("buildings")).collect();
    let first = Record::clone(&writes[0].record);
    let (second, shape_changed) = maker.next(&first);
    writes.push(maker.write(Some(&first), &second, shape_changed));

    assert_eq!(in_parts(&store, writes.clone(), None).await, Ok(None), "the sender went away");
    let mut taken = writes.clone();
    taken.push(known.clone());
    let refused = in_parts(&store, taken, Some(Part::Commit)).await;
    assert!(matches!(refused, Err(StoreError::Duplicate { .. })), "{refused:?}");
    assert_eq!(store.record(first.id, &catalogue).await.unwrap(), None);
    assert_eq!(store.changes(Revision(1), 100).await.unwrap(), vec![]);

    assert_eq!(in_parts(&store, writes.clone(), Some(Part::Commit)).await, Ok(Some(Revision(2))));
    assert_eq!(store.record(first.id, &catalogue).await.unwrap(), Some(at(&second, Revision(2))));
    let history: Vec<_> = writes.iter().map(|write| entry_at(write, Revision(2))).collect();
    assert_eq!(store.changes(Revision(1), 100).await.unwrap(), history);
    let next = maker.new_in("parcels");
    assert_eq!(
        store.commit(transaction(vec![next])).await,
        Ok(Revision(3)),
        "the store is free again"
    );
    assert_eq!(store.check().await.unwrap(), Vec::<String>::new());
}

async fn keeps_requirements_and_runs(place: Place) {
    let store = place.open().await;
    let mut maker = Maker::new(31);
    let saved: Vec<SavedRequirement> = (0..3)
        .map(|at| SavedRequirement {
            id: maker.uuid(),
            name: ["", "Prüfstand \"7\"", "锂电池"][at].to_owned(),
            document: ["{}", "{\"limit\":  5}", "{\"name\":\"锂电池\"}"][at].to_owned(),
            author: "li.wei".to_owned(),
            role: [Role::Staff, Role::Steward, Role::Admin][at],
            saved_at: maker.time(),
        })
        .collect();
    for each in &saved {
        store.put_requirement(each.clone()).await.unwrap();
    }
    let run = |at: usize, revision, role, answer: &str| RequirementRun {
        requirement: saved[at].id,
        revision: Revision(revision),
        role,
        author: "wang".to_owned(),
        run_at: saved[at].saved_at,
        answer_sha256: "ab".to_owned(),
        answer: answer.to_owned(),
    };
    let runs = [
        run(0, 3, Role::Staff, "{\"b\": 1,  \"a\": \"亩\"}"),
        run(0, 3, Role::Admin, "{}"),
        run(0, 12, Role::Staff, "{}"),
        run(1, 3, Role::Steward, "[]"),
    ];
    for each in &runs {
        store.put_requirement_run(each.clone()).await.unwrap();
    }
    // The first of a revision and role stays.
    store.put_requirement_run(run(0, 3, Role::Staff, "later")).await.unwrap();
    drop(store);
    let store = place.open().await;
    let mut expected = saved.clone();
    expected.sort_by_key(|each| each.saved_at);
    assert_eq!(store.requirements().await.unwrap(), expected);
    assert_eq!(
        store.requirement_run(saved[0].id, (Revision(3), Role::Staff)).await.unwrap(),
        Some(runs[0].clone())
    );
    assert_eq!(store.requirement_run(saved[0].id, (Revision(4), Role::Staff)).await.unwrap(), None);
    let listed = store.requirement_runs(saved[0].id).await.unwrap();
    let expected = [1, 0, 2].map(|at| RequirementRun {
        answer: String::new(),
        ..runs[at].clone()
    });
    assert_eq!(listed, expected);
}

macro_rules! on_every_store {
    ($($name:ident),* $(,)?) => {
        mod on_geopackage {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::geopackage()).await;
            })*
        }
        mod on_postgis {
            $(#[tokio::test]
            async fn $name() {
                super::$name(super::postgis()).await;
            })*
        }
    };
}
on_every_store!(
    keeps_what_is_written,
    takes_a_record_twice_in_one_transaction,
    refuses_what_is_stale_or_taken,
    answers_an_edit_twice_the_same,
    pages_changes_by_whole_revisions,
    keeps_what_waits_and_decisions,
    lists_decisions_latest_first,
    keeps_the_log_of_campaigns,
    keeps_bytes_under_names,
    lets_go_of_what_is_never_finished,
    keeps_overlays_and_people,
    keeps_requirements_and_runs,
    makes_views,
    stops_loading_when_a_sink_says_so,
    takes_an_outline_away,
    takes_a_transaction_in_parts,
);
