//! One measurement as one line.
use std::time::{Duration, Instant};

/// Whether less or more is better.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Better {
    Less,
    More,
}

/// A measurement on its way to the screen.
pub struct Line {
    what: String,
    value: f64,
    unit: &'static str,
    better: Better,
    baseline: Option<(String, f64)>,
    goals: Vec<(String, bool)>,
}

impl Line {
    /// A time or a size.
    pub fn cost(what: impl Into<String>, value: f64, unit: &'static str) -> Self {
        Self::new(what.into(), (value, unit), Better::Less)
    }

    /// So many a second.
    pub fn rate(what: impl Into<String>, value: f64) -> Self {
        Self::new(what.into(), (value, "/s"), Better::More)
    }

    fn new(what: String, (value, unit): (f64, &'static str), better: Better) -> Self {
        Self {
            what,
            value,
            unit,
            better,
            baseline: None,
            goals: Vec::new(),
        }
    }

    /// What it is measured against, in the same unit.
    pub fn against(mut self, name: impl Into<String>, value: f64) -> Self {
        self.baseline = Some((name.into(), value));
        self
    }

    /// How many times better than the baseline.
    fn ratio(&self) -> f64 {
        let baseline = self.baseline.as_ref().map_or(f64::NAN, |(_, value)| *value);
        match self.better {
            Better::Less => baseline / self.value,
            Better::More => self.value / baseline,
        }
    }

    /// At most, or for a rate at least, this value.
    pub fn goal(mut self, goal: f64) -> Self {
        let (word, reached) = match self.better {
            Better::Less => ("at most", self.value <= goal),
            Better::More => ("at least", self.value >= goal),
        };
        self.goals.push((format!("{word} {} {}", short(goal), self.unit), reached));
        self
    }

    /// At least so many times better than the baseline given before.
    pub fn goal_ratio(mut self, goal: f64) -> Self {
        let reached = self.ratio() >= goal;
        self.goals.push((format!("at least {} x", short(goal)), reached));
        self
    }

    pub fn print(self) {
        let value = format!("{} {}", short(self.value), self.unit);
        let baseline = self.baseline.as_ref().map_or_else(String::new, |(name, value)| {
            format!("  {name}: {} {}, {} x", short(*value), self.unit, short(self.ratio()))
        });
        let verdict = |reached: bool| if reached { "reached" } else { "not reached" };
        let goals: Vec<_> = self
            .goals
            .iter()
            .map(|(goal, reached)| format!("  goal {goal}: {}", verdict(*reached)))
            .collect();
        println!("  {:<58} {value:>16}{baseline}{}", self.what, goals.concat());
    }
}

/// Three digits that matter.
pub fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// Seconds that work takes.
pub fn seconds<T>(work: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let done = work();
    (start.elapsed().as_secs_f64(), done)
}

/// Microseconds of each of several calls, sorted.
pub fn each_us<T>(of: impl IntoIterator<Item = T>, mut work: impl FnMut(T)) -> Vec<f64> {
    let one = |item| seconds(|| work(item)).0 * 1e6;
    let mut times: Vec<f64> = of.into_iter().map(one).collect();
    times.sort_by(f64::total_cmp);
    times
}

pub fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len().max(1) as f64
}

/// The time below which this part of the sorted times lies.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a length")]
pub fn quantile(times: &[f64], part: f64) -> f64 {
    times[((times.len() - 1) as f64 * part) as usize]
}

/// How often work can be done in this time, a second.
pub fn rate(lasting: Duration, mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    let mut done = 0u32;
    while start.elapsed() < lasting {
        work();
        done += 1;
    }
    f64::from(done) / start.elapsed().as_secs_f64()
}
