//! The snapshot in memory.
use std::sync::Arc;

use geo_types::Rect;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};
use zaiti::domain::catalogue::Catalogue;
use zaiti::domain::ids::{AttributeKey, Revision};
use zaiti::domain::query::{Condition, Filter, Query, Region, Test};
use zaiti::index::{RowRef, Snapshot};

use super::child::{self, Found};
use super::line::{Line, each_us, mean, quantile, seconds};
use super::parcels;
use super::place::Place;

/// Hits of a window before its predicates.
const HITS: f64 = 1_000.0;

pub fn run(place: &Place) {
    let (_, builder) = seconds(|| parcels::builder(place.options.parcels));
    let (build_s, snapshot) = seconds(|| builder.finish(Revision(1)));
    let boxes = Flat::of(&snapshot);
    let (tree_s, _) = seconds(|| boxes.tree());
    Line::cost("order rows, fill columns, index", build_s * 1e3, "ms")
        .against("R-tree of all boxes alone", tree_s * 1e3)
        .print();
    memory(place);
    let windows = windows(&snapshot, HITS);
    let hits = mean_hits(&snapshot, &windows);
    query_lines(&snapshot, &boxes, &windows, hits);
    facets(&snapshot);
    growth(place, &snapshot);
}

fn memory(place: &Place) {
    let Found { bytes, .. } = child::open(place.file());
    let empty = place.path("empty.gpkg");
    super::store::fill(&empty, 0);
    let bytes = bytes - child::open(&empty).bytes;
    Line::cost(
        "memory of a parcel, process with store and lookups",
        bytes / place.options.parcels as f64,
        "B",
    )
    .against("PostGIS on disk, as recorded", 421.0)
    .goal(350.0)
    .print();
}

fn query_lines(snapshot: &Snapshot, boxes: &Flat, windows: &[Rect<f64>], hits: f64) {
    let times = window_times(snapshot, windows);
    let brute = each_us(&windows[..20], |window| {
        std::hint::black_box(boxes.scan(window));
    });
    Line::cost(format!("window + 5 predicates, {hits:.0} in the window, mean"), mean(&times), "us")
        .against("scan of flat columns", mean(&brute))
        .goal(20.0)
        .print();
    Line::cost("the same, p99", quantile(&times, 0.99), "us")
        .against("scan of flat columns", quantile(&brute, 0.99))
        .print();
    let whole = query(snapshot.catalogue(), None);
    let whole = each_us(0..20, |_| search(snapshot, &whole));
    Line::cost("whole map + 5 predicates, mean", mean(&whole), "us")
        .against("scan of flat columns", mean(&brute))
        .print();
}

fn search(snapshot: &Snapshot, query: &Query) {
    std::hint::black_box(snapshot.search(query));
}

/// Times of the query in each window, the second time it is asked.
fn window_times(snapshot: &Snapshot, windows: &[Rect<f64>]) -> Vec<f64> {
    let queries: Vec<_> = windows.iter().map(|window| query(snapshot.catalogue(), Some(*window))).collect();
    for query in &queries {
        search(snapshot, query);
    }
    each_us(&queries, |query| search(snapshot, query))
}

fn facets(snapshot: &Snapshot) {
    let keys = ["status", "planned_use", "area"].map(AttributeKey::from);
    let price = condition(
        "price",
        Test::Number {
            min: None,
            max: Some(899.0),
        },
    );
    let asked = Query {
        conditions: vec![price],
        ..query(snapshot.catalogue(), None)
    };
    let times = each_us(0..10, |_| {
        std::hint::black_box(snapshot.facets(&asked, &keys));
    });
    Line::cost("facets of 3 attributes, whole map", mean(&times) / 1e3, "ms")
        .goal(5.0)
        .print();
}

/// Time of the same window at sizes ten times apart.
fn growth(place: &Place, snapshot: &Snapshot) {
    let count = place.options.parcels;
    let mut sizes = vec![
        (count / 10, window_us(&parcels::snapshot(count / 10))),
        (count, window_us(snapshot)),
    ];
    if place.options.huge {
        sizes.push((count * 10, window_us(&parcels::snapshot(count * 10))));
    }
    let (first, last) = (sizes[0], sizes[sizes.len() - 1]);
    let slope = (last.1 / first.1).ln() / (last.0 as f64 / first.0 as f64).ln();
    Line::cost(format!("log-log slope of that query from {} to {}", first.0, last.0), slope, "")
        .against("a scan", 1.0)
        .goal(0.3)
        .print();
}

fn window_us(snapshot: &Snapshot) -> f64 {
    mean(&window_times(snapshot, &windows(snapshot, HITS)))
}

/// Windows around random parcels with this many hits on average.
pub fn windows(snapshot: &Snapshot, hits: f64) -> Vec<Rect<f64>> {
    const WINDOWS: usize = 1_000;
    let mut random = ChaCha8Rng::seed_from_u64(7);
    let rows: Vec<RowRef> = snapshot.matches(&"parcels".into(), &[]).iter().collect();
    let centres: Vec<_> = (0..WINDOWS)
        .map(|_| snapshot.row(rows[random.random_range(0..rows.len())]).bounds().unwrap().center())
        .collect();
    let around = |half: f64| -> Vec<Rect<f64>> {
        let corner = |x: f64, y: f64, sign: f64| (x + sign * half, y + sign * half);
        let window = |centre: &geo_types::Coord<f64>| Rect::new(corner(centre.x, centre.y, -1.0), corner(centre.x, centre.y, 1.0));
        centres.iter().map(window).collect()
    };
    let (mut low, mut high) = (0.000_1, 0.5);
    for _ in 0..12 {
        let half = f64::midpoint(low, high);
        if mean_hits(snapshot, &around(half)[..200]) < hits {
            low = half;
        } else {
            high = half;
        }
    }
    around(high)
}

fn mean_hits(snapshot: &Snapshot, windows: &[Rect<f64>]) -> f64 {
    let count = |window: &Rect<f64>| {
        let mut hits = 0u32;
        snapshot.visit_box(&"parcels".into(), *window, &[], |_| hits += 1);
        f64::from(hits)
    };
    mean(&windows.iter().map(count).collect::<Vec<_>>())
}

fn condition(key: &str, test: Test) -> Condition {
    let filter = Filter::Test {
        attribute: key.into(),
        test,
    };
    Condition { name: key.into(), filter }
}

/// The window, if any, and area, price, power, zoning and state.
pub fn query(catalogue: &Catalogue, window: Option<Rect<f64>>) -> Query {
    let between = |min: Option<f64>, max: Option<f64>| Test::Number { min, max };
    let uses = parcels::uses(catalogue);
    let mut conditions = vec![
        condition("area", between(Some(2_000.0), Some(5_000.0))),
        condition("price", between(None, Some(600.0))),
        condition("power_capacity", between(Some(1_000.0), None)),
        condition("planned_use", Test::Code(uses[2..4].to_vec())),
        condition("status", Test::Code(vec![Arc::from(parcels::STATES[0])])),
    ];
    if let Some(window) = window {
        conditions.push(Condition {
            name: "bbox".into(),
            filter: Filter::Within(Region::Box(window)),
        });
    }
    Query {
        collection: "parcels".into(),
        conditions,
        sort: Vec::new(),
        limit: 20,
        after: None,
    }
}

/// The same rows as flat columns, for what a scan of everything costs.
struct Flat {
    boxes: [Vec<f32>; 4],
    columns: [Vec<f32>; 3],
    codes: [Vec<u8>; 2],
}

impl Flat {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a baseline of single precision"
    )]
    fn of(snapshot: &Snapshot) -> Self {
        let mut flat = Self {
            boxes: Default::default(),
            columns: Default::default(),
            codes: Default::default(),
        };
        let numbers = ["area", "price", "power_capacity"].map(AttributeKey::from);
        let codes = ["planned_use", "status"].map(AttributeKey::from);
        for row in snapshot.matches(&"parcels".into(), &[]).iter() {
            let row = snapshot.row(row);
            let around = row.bounds().unwrap();
            let sides = [around.min().x, around.min().y, around.max().x, around.max().y];
            (0..4).for_each(|at| flat.boxes[at].push(sides[at] as f32));
            (0..3).for_each(|at| flat.columns[at].push(row.number_of(&numbers[at]).unwrap() as f32));
            (0..2).for_each(|at| flat.codes[at].push(row.number_of(&codes[at]).unwrap() as u8));
        }
        flat
    }

    #[expect(clippy::cast_possible_truncation, reason = "a baseline of single precision")]
    #[expect(clippy::needless_bitwise_bool, reason = "no branch: the compiler makes vectors of it")]
    fn scan(&self, window: &Rect<f64>) -> usize {
        let [west, south, east, north] = [window.min().x, window.min().y, window.max().x, window.max().y].map(|side| side as f32);
        let count = self.boxes[0].len();
        let [from_west, from_south, to_east, to_north] = [0, 1, 2, 3].map(|side: usize| &self.boxes[side][..count]);
        let [areas, prices, powers] = [0, 1, 2].map(|column: usize| &self.columns[column][..count]);
        let [uses, states] = [0, 1].map(|column: usize| &self.codes[column][..count]);
        let mut found = 0u32;
        for at in 0..count {
            let near = (from_west[at] <= east) & (to_east[at] >= west) & (from_south[at] <= north) & (to_north[at] >= south);
            let numbers = (2_000.0..=5_000.0).contains(&areas[at]) & (prices[at] <= 600.0) & (powers[at] >= 1_000.0);
            let codes = (uses[at] >> 1 == 1) & (states[at] == 2);
            found += u32::from(near & numbers & codes);
        }
        found as usize
    }

    fn tree(&self) -> RTree<GeomWithData<Rectangle<[f32; 2]>, u32>> {
        let side = |at: usize, axis: usize| [self.boxes[axis][at], self.boxes[axis + 1][at]];
        let rows = (0u32..).zip(0..self.boxes[0].len());
        RTree::bulk_load(
            rows.map(|(number, at)| GeomWithData::new(Rectangle::from_corners(side(at, 0), side(at, 2)), number))
                .collect(),
        )
    }
}
