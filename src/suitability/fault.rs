//! What is refused, and why.

/// Why a question about ground cannot be answered.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// A length, area or angle that makes no sense.
    #[error("{what} is {given}: expected {expected}")]
    Number {
        /// Which number.
        what: &'static str,
        /// What was given.
        given: f64,
        /// What it must be.
        expected: &'static str,
    },
    /// Setbacks that do not match the edges of the parcel.
    #[error("{given} setbacks were given for a parcel of {edges} edges: expected one for each, exterior before holes, part by part")]
    Setbacks {
        /// How many were given.
        given: usize,
        /// How many edges there are.
        edges: usize,
    },
    /// The overlay library gave up on a shape.
    #[error("the shapes could not be cut against each other: {detail}")]
    Overlay {
        /// What was attempted.
        detail: &'static str,
    },
}

/// A finite number above zero, or why not.
pub(super) fn positive(what: &'static str, given: f64) -> Result<f64, Fault> {
    let expected = "a finite number above 0";
    // Written so that NaN fails.
    let good = given > 0.0 && given.is_finite();
    good.then_some(given).ok_or(Fault::Number { what, given, expected })
}

/// A finite number not below zero, or why not.
pub(super) fn not_negative(what: &'static str, given: f64) -> Result<f64, Fault> {
    let expected = "a finite number, 0 or more";
    let good = given >= 0.0 && given.is_finite();
    good.then_some(given).ok_or(Fault::Number { what, given, expected })
}
