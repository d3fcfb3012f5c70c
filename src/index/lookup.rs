//! From an id or a code to where its row lies: sorted buckets of hashes, shared until written to.
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::domain::ids::CarrierId;
use crate::domain::record::Record;

/// Where a row lies in a layer: shard and row in one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Locator(u32);

impl Locator {
    /// Rows of a shard that can be told apart; shards split long before.
    pub(super) const ROWS: usize = 1 << 13;

    pub(super) fn new(shard: usize, row: usize) -> Self {
        Self(u32::try_from(shard * Self::ROWS + row).expect("a layer stays below 2^32 rows"))
    }

    pub(super) fn shard(self) -> usize {
        self.0 as usize / Self::ROWS
    }

    pub(super) fn row(self) -> usize {
        self.0 as usize % Self::ROWS
    }
}

pub(super) fn hash_id(id: CarrierId) -> u64 {
    let (high, low) = id.0.as_u64_pair();
    let mixed = (high ^ low.rotate_left(29)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ (mixed >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

/// Eight bytes at a time; a code is short, and who finds a row by its hash compares the code.
pub(super) fn hash_code(code: &str) -> u64 {
    let (words, rest) = code.as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut hash = code.len() as u64;
    for word in words.iter().chain([&last]) {
        hash = (hash.rotate_left(25) ^ u64::from_le_bytes(*word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }
    (hash ^ (hash >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

type Bucket = Arc<Vec<(u32, Locator)>>;

/// A map from hashes to places. Whoever asks compares the row found with what was asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Lookup {
    buckets: Arc<Vec<Bucket>>,
}

impl Lookup {
    /// Entries of a bucket: small enough to copy with every edit, large enough that copying the list of buckets is cheap.
    const BUCKET: usize = 512;

    pub(super) fn bulk(entries: &[(u64, Locator)]) -> Self {
        let count = (entries.len() / Self::BUCKET).next_power_of_two();
        let mut lengths = vec![0; count];
        entries.iter().for_each(|(hash, _)| lengths[bucket_of(*hash, count)] += 1);
        let mut buckets: Vec<Vec<(u32, Locator)>> = lengths.into_iter().map(Vec::with_capacity).collect();
        for (hash, place) in entries {
            buckets[bucket_of(*hash, count)].push((short(*hash), *place));
        }
        let share = |mut bucket: Vec<_>| {
            bucket.sort_unstable();
            Arc::new(bucket)
        };
        Self {
            buckets: Arc::new(buckets.into_iter().map(share).collect()),
        }
    }

    pub(super) fn find(&self, hash: u64) -> impl Iterator<Item = Locator> + '_ {
        let bucket = self
            .buckets
            .get(bucket_of(hash, self.buckets.len()))
            .map(|bucket| bucket.as_slice())
            .unwrap_or_default();
        let first = bucket.partition_point(|entry| entry.0 < short(hash));
        bucket[first..]
            .iter()
            .take_while(move |entry| entry.0 == short(hash))
            .map(|entry| entry.1)
    }

    pub(super) fn insert(&mut self, hash: u64, place: Locator) {
        let buckets = Arc::make_mut(&mut self.buckets);
        if buckets.is_empty() {
            buckets.push(Arc::default());
        }
        let at = bucket_of(hash, buckets.len());
        let bucket = Arc::make_mut(&mut buckets[at]);
        let entry = (short(hash), place);
        bucket.insert(bucket.partition_point(|other| *other < entry), entry);
    }

    pub(super) fn remove(&mut self, hash: u64, place: Locator) {
        let buckets = Arc::make_mut(&mut self.buckets);
        let at = bucket_of(hash, buckets.len());
        let Some(bucket) = buckets.get_mut(at).map(Arc::make_mut) else {
            return;
        };
        if let Ok(at) = bucket.binary_search(&(short(hash), place)) {
            bucket.remove(at);
        }
    }

    /// Whether buckets have grown so large that a rebuild pays.
    pub(super) fn is_crowded(&self, rows: usize) -> bool {
        rows > Self::BUCKET * 8 * self.buckets.len().max(1)
    }
}

fn bucket_of(hash: u64, count: usize) -> usize {
    usize::try_from(((hash >> 32) * count as u64) >> 32).unwrap_or(0)
}

#[expect(clippy::cast_possible_truncation, reason = "the lower half is wanted")]
fn short(hash: u64) -> u32 {
    hash as u32
}

/// A map in pieces, so that a change copies one of them.
type Buckets<K, V> = Arc<Vec<Arc<BTreeMap<K, V>>>>;

/// Closed records, apart from the rows: they answer by id and code, but nothing scans them.
#[derive(Clone, Debug)]
pub(super) struct Closed {
    by_id: Buckets<CarrierId, Arc<Record>>,
    by_code: Buckets<String, CarrierId>,
}

const CLOSED_BUCKETS: usize = 256;

impl Default for Closed {
    fn default() -> Self {
        Self {
            by_id: Arc::new(vec![Arc::default(); CLOSED_BUCKETS]),
            by_code: Arc::new(vec![Arc::default(); CLOSED_BUCKETS]),
        }
    }
}

impl Closed {
    pub(super) fn insert(&mut self, record: Arc<Record>) {
        self.remove(record.id);
        let codes = &mut Arc::make_mut(&mut self.by_code)[bucket_of(hash_code(&record.code), CLOSED_BUCKETS)];
        Arc::make_mut(codes).insert(record.code.clone(), record.id);
        let ids = &mut Arc::make_mut(&mut self.by_id)[bucket_of(hash_id(record.id), CLOSED_BUCKETS)];
        Arc::make_mut(ids).insert(record.id, record);
    }

    pub(super) fn remove(&mut self, id: CarrierId) {
        let Some(record) = self.record(id).cloned() else { return };
        let ids = &mut Arc::make_mut(&mut self.by_id)[bucket_of(hash_id(id), CLOSED_BUCKETS)];
        Arc::make_mut(ids).remove(&id);
        let codes = &mut Arc::make_mut(&mut self.by_code)[bucket_of(hash_code(&record.code), CLOSED_BUCKETS)];
        Arc::make_mut(codes).remove(&record.code);
    }

    pub(super) fn record(&self, id: CarrierId) -> Option<&Arc<Record>> {
        self.by_id.get(bucket_of(hash_id(id), CLOSED_BUCKETS))?.get(&id)
    }

    pub(super) fn id(&self, code: &str) -> Option<CarrierId> {
        self.by_code.get(bucket_of(hash_code(code), CLOSED_BUCKETS))?.get(code).copied()
    }

    pub(super) fn records(&self) -> impl Iterator<Item = &Arc<Record>> {
        self.by_id.iter().flat_map(|bucket| bucket.values())
    }
}
