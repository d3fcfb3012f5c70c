//! Counts of values over bitmaps of rows, with the totals of each shard kept until it changes.
use std::sync::{Arc, PoisonError};

use super::columns::{Column, Data};
use super::facet::{Bin, CodeCount, Facet, FacetCounts};
use super::found::{Matches, ones};
use super::layer::Layer;
use super::shard::Shard;
use super::totals::{Edges, Totals};
use crate::domain::catalogue::Kind;
use crate::domain::ids::AttributeKey;

/// Visits the known rows among those of a bitmap.
fn known_rows(column: &Column, rows: &[u64], mut visit: impl FnMut(usize)) {
    for (at, (rows, known)) in rows.iter().zip(column.known.words()).enumerate() {
        ones(rows & known).for_each(|bit| visit(at * 64 + usize::from(bit)));
    }
}

fn count_codes(column: &Column, rows: &[u64], counts: &mut Vec<usize>) {
    let mut add = |code: usize| {
        if counts.len() <= code {
            counts.resize(code + 1, 0);
        }
        counts[code] += 1;
    };
    match &column.data {
        Data::Code8(codes) => known_rows(column, rows, |row| add(usize::from(codes[row]))),
        Data::Code16(codes) => known_rows(column, rows, |row| add(usize::from(codes[row]))),
        _ => {}
    }
}

fn count_bins(column: &Column, rows: &[u64], edges: &Edges, counts: &mut [usize]) {
    known_rows(column, rows, |row| {
        if let Some(number) = column.number(row) {
            counts[edges.bin(number)] += 1;
        }
    });
}

fn count_known(column: &Column, rows: &[u64]) -> usize {
    rows.iter()
        .zip(column.known.words())
        .map(|(rows, known)| (rows & known).count_ones() as usize)
        .sum()
}

fn totals(shard: &Shard, column: usize) -> Arc<Totals> {
    shard.totals(column, || {
        let values = &shard.table.columns[column];
        let mut totals = Totals::default();
        count_codes(values, shard.live.words(), &mut totals.codes);
        if matches!(values.data, Data::Number(_) | Data::Range(_) | Data::Days(_)) {
            known_rows(values, shard.live.words(), |row| {
                if let Some(number) = values.number(row) {
                    let (min, max) = totals.extent.unwrap_or((number, number));
                    totals.extent = Some((min.min(number), max.max(number)));
                }
            });
        }
        totals
    })
}

fn total_bins(shard: &Shard, column: usize, edges: &Edges) -> Arc<Vec<usize>> {
    let totals = totals(shard, column);
    let mut kept = totals.bins.lock().unwrap_or_else(PoisonError::into_inner);
    match &*kept {
        Some((known, counts)) if known == edges => Arc::clone(counts),
        _ => {
            let mut counts = vec![0; edges.bins()];
            count_bins(&shard.table.columns[column], shard.live.words(), edges, &mut counts);
            let counts = Arc::new(counts);
            *kept = Some((edges.clone(), Arc::clone(&counts)));
            counts
        }
    }
}

/// The counts of one attribute among these rows; `None` when the collection lacks it.
pub(super) fn facet(layer: &Layer, key: &AttributeKey, matches: &Matches) -> Option<Facet> {
    let column = layer.schema.column(key.as_str())?;
    let known: usize = layer
        .shards
        .iter()
        .zip(&matches.shards)
        .map(|(shard, rows)| count_known(&shard.table.columns[column], rows))
        .sum();
    let counts = match layer.schema.attributes[column].kind {
        Kind::Code { .. } => codes(layer, column, matches),
        Kind::Flag => flags(layer, column, matches),
        Kind::Text { .. } => FacetCounts::Text { known },
        Kind::Number(_) | Kind::Range(_) | Kind::Date => histogram(layer, column, matches),
    };
    Some(Facet {
        attribute: key.clone(),
        unknown: matches.count - known,
        counts,
    })
}

fn codes(layer: &Layer, column: usize, matches: &Matches) -> FacetCounts {
    let list = layer.schema.codes(column).map(|list| list.plain.as_slice()).unwrap_or_default();
    let (mut counts, mut all) = (vec![0; list.len()], vec![0; list.len()]);
    for (shard, rows) in layer.shards.iter().zip(&matches.shards) {
        let totals = totals(shard, column);
        all.iter_mut().zip(&totals.codes).for_each(|(sum, count)| *sum += count);
        if rows == shard.live.words() {
            counts.iter_mut().zip(&totals.codes).for_each(|(sum, count)| *sum += count);
        } else {
            count_codes(&shard.table.columns[column], rows, &mut counts);
        }
    }
    let each = list.iter().zip(counts.into_iter().zip(all));
    let counts = each.map(|(code, (count, total))| CodeCount {
        code: Arc::clone(code),
        count,
        total,
    });
    FacetCounts::Codes(counts.filter(|count| count.total > 0).collect())
}

fn flags(layer: &Layer, column: usize, matches: &Matches) -> FacetCounts {
    let (mut yes, mut no) = (0, 0);
    for (shard, rows) in layer.shards.iter().zip(&matches.shards) {
        let column = &shard.table.columns[column];
        let Data::Flag(flags) = &column.data else { continue };
        for (at, (rows, known)) in rows.iter().zip(column.known.words()).enumerate() {
            yes += (rows & known & flags.word(at)).count_ones() as usize;
            no += (rows & known & !flags.word(at)).count_ones() as usize;
        }
    }
    FacetCounts::Flag { yes, no }
}

fn histogram(layer: &Layer, column: usize, matches: &Matches) -> FacetCounts {
    let extents = layer.shards.iter().filter_map(|shard| totals(shard, column).extent);
    let extent = extents.reduce(|one, two| (one.0.min(two.0), one.1.max(two.1)));
    let Some((min, max)) = extent else {
        return FacetCounts::Histogram { extent, bins: Vec::new() };
    };
    let edges = Edges::new(min, max);
    let (mut counts, mut all) = (vec![0; edges.bins()], vec![0; edges.bins()]);
    for (shard, rows) in layer.shards.iter().zip(&matches.shards) {
        let totals = total_bins(shard, column, &edges);
        all.iter_mut().zip(totals.iter()).for_each(|(sum, count)| *sum += count);
        if rows == shard.live.words() {
            counts.iter_mut().zip(totals.iter()).for_each(|(sum, count)| *sum += count);
        } else {
            count_bins(&shard.table.columns[column], rows, &edges, &mut counts);
        }
    }
    let bin = |(pair, (count, total)): (&[f64], (usize, usize))| Bin {
        from: pair[0],
        to: pair[1],
        count,
        total,
    };
    FacetCounts::Histogram {
        extent,
        bins: edges.edges.windows(2).zip(counts.into_iter().zip(all)).map(bin).collect(),
    }
}
