mod brute;
mod known;
mod laws;
mod random;

use geo::{Distance as _, Euclidean, Relate as _};
use geo_types::{Coord, LineString, MultiPolygon, Polygon};

use super::{Fit, Placement, Search, Setback, Site, Wanted};

/// Asks, and checks a yes with another library's relations: inside, far enough away, of the size asked for (but for the slack, which grows with the
/// parcel).
fn ask(parcel: &MultiPolygon<f64>, setback: &Setback, keep_clear: &[Polygon<f64>], wanted: &Wanted) -> Fit {
    let site = Site::new(parcel, setback, keep_clear).unwrap();
    let fit = site.fit(wanted, &Search::default());
    if let Fit::Yes(placement) = &fit {
        check(placement, parcel, setback, keep_clear);
    }
    fit
}

fn check(placement: &Placement, parcel: &MultiPolygon<f64>, setback: &Setback, keep_clear: &[Polygon<f64>]) {
    let outline = outline(placement);
    assert!(parcel.relate(&outline).is_covers(), "{placement:?} lies outside {parcel:?}");
    for polygon in keep_clear {
        assert!(
            !polygon.relate(&outline).matches("T********").unwrap(),
            "{placement:?} lies on {polygon:?}"
        );
    }
    let edges = parcel.iter().flat_map(|part| {
        let rings = std::iter::once(part.exterior()).chain(part.interiors());
        rings.flat_map(LineString::lines).collect::<Vec<_>>()
    });
    for (nth, edge) in edges.enumerate() {
        let metres = match setback {
            Setback::Uniform(metres) => *metres,
            Setback::PerEdge(each) => each[nth],
        };
        if metres > 0.0 {
            let apart = Euclidean.distance(&edge, &outline);
            assert!(apart >= metres - 1e-9, "{placement:?} is {apart} from edge {nth}, not {metres}");
        }
    }
    let [a, b, c, d] = placement.corners;
    for (from, to, metres) in [
        (a, b, placement.width_m),
        (b, c, placement.depth_m),
        (c, d, placement.width_m),
        (d, a, placement.depth_m),
    ] {
        assert!(((to - from).x.hypot((to - from).y) - metres).abs() < 5e-5, "{placement:?}");
    }
    let diagonals = ((c - a).x.hypot((c - a).y), (d - b).x.hypot((d - b).y));
    assert!((diagonals.0 - diagonals.1).abs() < 5e-5, "not a rectangle: {placement:?}");
}

fn outline(placement: &Placement) -> Polygon<f64> {
    Polygon::new(LineString(placement.corners.to_vec()), Vec::new())
}

fn polygon(coords: &[(f64, f64)]) -> Polygon<f64> {
    Polygon::new(LineString(coords.iter().map(|(x, y)| Coord { x: *x, y: *y }).collect()), Vec::new())
}

fn turned(polygon: &Polygon<f64>, degrees: f64, shift: Coord<f64>) -> Polygon<f64> {
    use geo::MapCoords as _;
    let (sine, cosine) = degrees.to_radians().sin_cos();
    polygon.map_coords(|at| {
        shift
            + Coord {
                x: at.x * cosine - at.y * sine,
                y: at.x * sine + at.y * cosine,
            }
    })
}
