//! The sets that no other one beats.

/// How good a set is; smaller is better in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    /// Pieces that only gaps join.
    pub(super) pieces: u32,
    /// Different owners.
    pub(super) owners: u32,
    /// Place of the last day among all days.
    pub(super) day: u32,
    /// A thousand less the compactness in thousandths.
    pub(super) bulk: u32,
}

impl Key {
    /// At least as good in everything.
    fn covers(&self, other: &Self) -> bool {
        self.pieces <= other.pieces && self.owners <= other.owners && self.day <= other.day && self.bulk <= other.bulk
    }
}

/// A set that is not beaten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) key: Key,
    /// In ascending order.
    pub(super) members: Vec<u32>,
    /// Other sets with the same key.
    pub(super) as_good: u64,
}

/// The front of what was offered so far. It does not depend on the order of offers.
#[derive(Debug, Default)]
pub(super) struct Front {
    entries: Vec<Entry>,
    offered: u64,
}

impl Front {
    /// How many sets were offered.
    pub(super) fn offered(&self) -> u64 {
        self.offered
    }

    /// Takes a set in unless it is beaten. Offered twice, it counts twice.
    pub(super) fn offer(&mut self, key: Key, members: &[u32]) {
        self.offered += 1;
        if let Some(place) = self.entries.iter().position(|entry| entry.key.covers(&key)) {
            if self.entries[place].key == key {
                let entry = &mut self.entries[place];
                entry.as_good += 1;
                let sorted = sorted(members);
                if sorted < entry.members {
                    entry.members = sorted;
                }
            }
            // What beat this one is likely to beat the next.
            self.entries.swap(0, place);
            return;
        }
        self.entries.retain(|entry| !key.covers(&entry.key));
        self.entries.push(Entry {
            key,
            members: sorted(members),
            as_good: 0,
        });
    }

    /// By key, then by members; keys differ.
    pub(super) fn into_sorted(mut self) -> Vec<Entry> {
        self.entries.sort_unstable_by_key(|entry| entry.key);
        self.entries
    }
}

fn sorted(members: &[u32]) -> Vec<u32> {
    let mut sorted = members.to_vec();
    sorted.sort_unstable();
    sorted
}
