//! The street grid: two districts, their blocks, and the streets between them.
use geo_types::Coord;

use super::plane::{between, direction, left_of, meeting, place};

/// Half of the land a street takes, metres: avenues and streets alternate.
const HALF_AVENUE_M: f64 = 22.0;
const HALF_STREET_M: f64 = 13.0;

/// A part of the park with a grid of its own.
pub struct District {
    /// zh, en, de.
    pub names: [&'static str; 3],
    /// Lon/lat of the grid's corners along its southern edge, from west to east.
    south: &'static [(f64, f64)],
    /// Lon/lat of the ends of its northern edge.
    north: [(f64, f64); 2],
    /// What each block is for, rows from north to south: `i` industry, `g` green, `l` lake, `t` town, `.` fields.
    uses: &'static [&'static str],
    /// Names of the streets that run north to south, from west to east, then of those that run west to east, from south to north: zh, pinyin.
    streets: &'static [(&'static str, &'static str)],
}

/// The southern edge of the first follows the bank of the river.
pub const DISTRICTS: [District; 2] = [
    District {
        names: ["江湾片区", "Riverbend", "Flussbogen"],
        south: &[
            (120.9985, 31.8168),
            (121.0051, 31.8150),
            (121.0117, 31.8112),
            (121.0183, 31.8062),
            (121.0249, 31.8020),
            (121.0315, 31.8000),
            (121.0381, 31.7992),
            (121.0447, 31.7988),
        ],
        north: [(120.9880, 31.8420), (121.0375, 31.8400)],
        uses: &["..ii...", "iiii...", "iigti..", "iitlii.", ".iiiii.", "..iiig.", "....i.."],
        streets: &[
            ("云杉路", "Yunshan"),
            ("白榆路", "Baiyu"),
            ("青檀路", "Qingtan"),
            ("银杉大道", "Yinshan"),
            ("丹桂路", "Dangui"),
            ("香樟大道", "Xiangzhang"),
            ("乌桕路", "Wujiu"),
            ("水杉路", "Shuishan"),
            ("望江路", "Wangjiang"),
            ("听涛路", "Tingtao"),
            ("启帆大道", "Qifan"),
            ("远澜路", "Yuanlan"),
            ("海棠大道", "Haitang"),
            ("汀兰路", "Tinglan"),
            ("芦花路", "Luhua"),
            ("北川路", "Beichuan"),
        ],
    },
    District {
        names: ["北园片区", "North Park", "Nordpark"],
        south: &[
            (120.9895, 31.8475),
            (120.9961, 31.8472),
            (121.0027, 31.8470),
            (121.0093, 31.8467),
            (121.0159, 31.8465),
            (121.0225, 31.8462),
        ],
        north: [(120.9850, 31.8722), (121.0190, 31.8712)],
        uses: &[".iii.", "iitt.", "iitii", ".iiii", "..ig."],
        streets: &[
            ("纺车路", "Fangche"),
            ("经纬路", "Jingwei"),
            ("织锦大道", "Zhijin"),
            ("银梭路", "Yinsuo"),
            ("蓝印大道", "Lanyin"),
            ("染坊路", "Ranfang"),
            ("稻香路", "Daoxiang"),
            ("麦浪路", "Mailang"),
            ("丰年大道", "Fengnian"),
            ("谷雨路", "Guyu"),
            ("清明大道", "Qingming"),
            ("立夏路", "Lixia"),
        ],
    },
];

/// What a block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// Plots.
    Industry,
    /// A public garden.
    Green,
    /// A lake.
    Lake,
    /// Housing and shops.
    Town,
    /// Not part of the park.
    Fields,
}

/// Land between streets.
#[derive(Clone, Copy, Debug)]
pub struct Block {
    /// Position in [`DISTRICTS`].
    pub district: usize,
    /// From the west and from the south, from 0.
    pub at: (usize, usize),
    /// What it is for.
    pub used_for: Use,
    /// Its corners: south-west, south-east, north-east, north-west.
    pub corners: [Coord<f64>; 4],
    /// Name of the street along its southern edge.
    pub street: &'static str,
}

/// A street or a piece of it.
pub struct Street {
    /// zh, pinyin.
    pub name: (&'static str, &'static str),
    /// Wide ones join the districts.
    pub is_avenue: bool,
    /// Its middle.
    pub line: Vec<Coord<f64>>,
}

impl District {
    fn columns(&self) -> usize {
        self.south.len() - 1
    }

    fn rows(&self) -> usize {
        self.uses.len()
    }

    /// Where two streets cross.
    fn crossing(&self, column: usize, row: usize) -> Coord<f64> {
        let (lon, lat) = self.south[column];
        let [west, east] = self.north.map(|(lon, lat)| place(lon, lat));
        let north = between(west, east, column as f64 / self.columns() as f64);
        between(place(lon, lat), north, row as f64 / self.rows() as f64)
    }

    fn used_for(&self, column: usize, row: usize) -> Use {
        let line = self.uses[self.rows() - 1 - row];
        match line.as_bytes().get(column) {
            Some(b'i') => Use::Industry,
            Some(b'g') => Use::Green,
            Some(b'l') => Use::Lake,
            Some(b't') => Use::Town,
            Some(_) | None => Use::Fields,
        }
    }

    fn block(&self, district: usize, (column, row): (usize, usize)) -> Block {
        let around = [
            self.crossing(column, row),
            self.crossing(column + 1, row),
            self.crossing(column + 1, row + 1),
            self.crossing(column, row + 1),
        ];
        // Streets to the south, east, north and west.
        let halves = [row, column + 1, row + 1, column].map(half_width_m);
        let edge = |side: usize| {
            let (from, to) = (around[side], around[(side + 1) % 4]);
            let along = direction(from, to);
            (from + left_of(along) * halves[side], along)
        };
        Block {
            district,
            at: (column, row),
            used_for: self.used_for(column, row),
            corners: [3, 0, 1, 2].map(|side: usize| meeting(edge(side), edge((side + 1) % 4))),
            street: self.streets[self.columns() + 1 + row].0,
        }
    }

    /// Whether anything of the park lies beside the piece of street between two crossings.
    fn is_built(&self, (column, row): (usize, usize), runs_north: bool) -> bool {
        let beside = if runs_north {
            [(column.checked_sub(1), Some(row)), (Some(column), Some(row))]
        } else {
            [(Some(column), row.checked_sub(1)), (Some(column), Some(row))]
        };
        beside.into_iter().any(|block| match block {
            (Some(column), Some(row)) if column < self.columns() && row < self.rows() => self.used_for(column, row) != Use::Fields,
            _ => false,
        })
    }

    fn street(&self, nth: usize) -> Option<Street> {
        let runs_north = nth <= self.columns();
        let line_at = if runs_north { nth } else { nth - self.columns() - 1 };
        let pieces = if runs_north { self.rows() } else { self.columns() };
        let at = |along: usize| if runs_north { (line_at, along) } else { (along, line_at) };
        let built: Vec<_> = (0..pieces).filter(|along| self.is_built(at(*along), runs_north)).collect();
        let (first, last) = (*built.first()?, *built.last()?);
        let crossing = |along: usize| {
            let (column, row) = at(along);
            self.crossing(column, row)
        };
        Some(Street {
            name: self.streets[nth],
            is_avenue: is_avenue(line_at),
            line: (first..=last + 1).map(crossing).collect(),
        })
    }
}

/// Every other street of the grid is wide.
fn is_avenue(nth: usize) -> bool {
    nth.is_multiple_of(2)
}

fn half_width_m(nth: usize) -> f64 {
    if is_avenue(nth) { HALF_AVENUE_M } else { HALF_STREET_M }
}

/// All blocks, rows from north to south, as one reads.
pub fn blocks() -> Vec<Block> {
    let of = |(nth, district): (usize, &'static District)| {
        let rows = (0..district.rows()).rev();
        rows.flat_map(move |row| (0..district.columns()).map(move |column| district.block(nth, (column, row))))
    };
    DISTRICTS.iter().enumerate().flat_map(of).collect()
}

/// All streets of the grids.
pub fn streets() -> Vec<Street> {
    let of = |district: &'static District| (0..district.streets.len()).filter_map(|nth| district.street(nth));
    DISTRICTS.iter().flat_map(of).collect()
}
