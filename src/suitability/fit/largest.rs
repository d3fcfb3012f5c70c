//! The largest rectangle of a given ratio.
use super::super::Fault;
use super::super::fault::positive;
use super::placement::{Arrangement, Placement};
use super::region::Region;
use super::site::Site;
use super::slabs::Slabs;
use super::turn::{Spot, first_angles, intervals, is_excluded};
use super::wanted::{Search, Wanted};

/// Depths nearer than this share are one.
const TOLERANCE: f64 = 1e-4;

impl Site<'_> {
    /// The largest share of what is wanted that fits, and where: all lengths shrunk alike, a truck court too. At most 1; `None` where nothing does.
    pub fn largest_share(&self, wanted: &Wanted, search: &Search) -> Result<Option<(f64, Placement)>, Fault> {
        let mut best: Option<(f64, Placement)> = None;
        for (_, width, depth) in wanted.arrangements() {
            let Some(found) = self.largest(width / depth, search)? else {
                continue;
            };
            let share = (found.depth_m / depth).min(1.0);
            if best.as_ref().is_none_or(|(known, _)| share > *known) {
                best = Some((share, found));
            }
        }
        Ok(best)
    }

    /// The largest rectangle whose width is `ratio` times its depth, checked as in [`Site::fit`]; `None` where there is no free ground.
    ///
    /// A lower bound: what is larger by more than a ten-thousandth lies between the angles tried.
    pub fn largest(&self, ratio: f64, search: &Search) -> Result<Option<Placement>, Fault> {
        let ratio = positive("the ratio of width to depth", ratio)?;
        let region = Region::new(self.ground());
        let mut best = Best {
            site: self,
            ratio,
            most_m: (self.largest_part_m2() / ratio).sqrt(),
            found: None,
        };
        let mut slabs = Slabs::default();
        for angle in first_angles(&region, search.first_rad()) {
            slabs.cut(&region, angle);
            best.improve(&mut slabs, angle);
        }
        let mut open = intervals((ratio, 1.0));
        while let Some((middle, half)) = open.pop() {
            let asked = best.asked_m();
            if is_excluded(&mut slabs, &region, (ratio * asked, asked), (middle, half)) {
                continue;
            }
            best.improve(&mut slabs, middle);
            if 2.0 * half > search.step_rad() {
                open.extend([(middle + half / 2.0, half / 2.0), (middle - half / 2.0, half / 2.0)]);
            }
        }
        Ok(best.found)
    }
}

struct Best<'a> {
    site: &'a Site<'a>,
    ratio: f64,
    /// No rectangle is deeper.
    most_m: f64,
    found: Option<Placement>,
}

impl Best<'_> {
    /// The depth that would be worth having.
    fn asked_m(&self) -> f64 {
        let known = self.found.as_ref().map_or(self.most_m * TOLERANCE, |found| found.depth_m);
        known * (1.0 + TOLERANCE)
    }

    /// Takes the largest rectangle at an angle if it is better.
    fn improve(&mut self, slabs: &mut Slabs, angle: f64) {
        let mut low = self.asked_m();
        let Some(mut corner) = slabs.place(self.ratio * low, low) else {
            return;
        };
        let mut high = self.most_m;
        while high - low > TOLERANCE / 4.0 * high {
            let depth = f64::midpoint(low, high);
            match slabs.place(self.ratio * depth, depth) {
                Some(found) => (low, corner) = (depth, found),
                None => high = depth,
            }
        }
        let spot = Spot { angle, corner };
        if let Some(found) = self.site.checked(spot, Arrangement::OneHall, (self.ratio * low, low)) {
            self.found = Some(found);
        }
    }
}
