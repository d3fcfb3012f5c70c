//! Weights from pairwise comparisons (analytic hierarchy process: Saaty 1977, doi 10.1016/0022-2496(77)90033-5).

/// Ratio above which comparisons contradict each other too much to rely on.
pub const TOLERABLE: f64 = 0.1;

/// Mean consistency index of random comparisons of 1, 2, ... wishes (Saaty 1980); for more, the last.
const RANDOM_INDEX: [f64; 15] = [
    0.0, 0.0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59,
];

/// What comparisons come to.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// They add up to one.
    pub weights: Vec<f64>,
    /// Consistency index over that of random comparisons; 0 when the comparisons agree wholly.
    pub ratio: f64,
}

/// The principal eigenvector of a square matrix of positive numbers, `matrix[i][j]` saying how much more i counts than j, and how consistent it is.
pub fn weights(matrix: &[Vec<f64>]) -> Weights {
    const ROUNDS: usize = 200;
    let count = matrix.len();
    let size = count as f64;
    let mut weights = vec![1.0 / size; count];
    let mut largest = size;
    for _ in 0..ROUNDS {
        let next: Vec<f64> = matrix
            .iter()
            .map(|row| row.iter().zip(&weights).map(|(entry, weight)| entry * weight).sum())
            .collect();
        // The weights add up to one, so the sum is the estimate of the eigenvalue.
        largest = next.iter().sum();
        weights = next.iter().map(|weight| weight / largest).collect();
    }
    let index = if count > 1 { (largest - size) / (size - 1.0) } else { 0.0 };
    let random = RANDOM_INDEX[count.clamp(1, RANDOM_INDEX.len()) - 1];
    Weights {
        weights,
        ratio: if random > 0.0 { (index / random).max(0.0) } else { 0.0 },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_that_agree_give_their_weights_back() {
        let given = [0.5, 0.3, 0.2];
        let matrix: Vec<Vec<f64>> = given.iter().map(|row| given.iter().map(|column| row / column).collect()).collect();
        let found = weights(&matrix);
        for (weight, given) in found.weights.iter().zip(given) {
            assert!((weight - given).abs() < 1e-12);
        }
        assert!(found.ratio < 1e-9);
    }

    /// Saaty's example of choosing a school: learning, friends, school life, vocational training, college preparation, music classes.
    #[test]
    fn the_known_example_has_its_known_weights() {
        let rows: [[f64; 6]; 6] = [
            [1.0, 4.0, 3.0, 1.0, 3.0, 4.0],
            [0.25, 1.0, 7.0, 3.0, 0.2, 1.0],
            [1.0 / 3.0, 1.0 / 7.0, 1.0, 0.2, 0.2, 1.0 / 6.0],
            [1.0, 1.0 / 3.0, 5.0, 1.0, 1.0, 1.0 / 3.0],
            [1.0 / 3.0, 5.0, 5.0, 1.0, 1.0, 3.0],
            [0.25, 1.0, 6.0, 3.0, 1.0 / 3.0, 1.0],
        ];
        let found = weights(&rows.map(|row| row.to_vec()));
        let expected = [0.32, 0.14, 0.03, 0.13, 0.24, 0.14];
        for (weight, expected) in found.weights.iter().zip(expected) {
            assert!((weight - expected).abs() < 0.006, "{found:?}");
        }
        assert!((found.ratio - 0.23).abs() < 0.005, "{found:?}");
    }
}
