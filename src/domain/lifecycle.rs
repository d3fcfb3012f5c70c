//! Life-cycles: states and the allowed ways between them, as data.
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::AttributeKey;
use super::names::Names;
use super::viewer::Role;

/// States and transitions of one collection's `status`.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Key of the code list that holds the states' names.
    pub list: Arc<str>,
    /// States in order; the first is where a carrier usually begins (any state may be given at creation).
    pub states: Vec<State>,
    /// Allowed changes.
    pub transitions: Vec<Transition>,
}

/// A state.
#[derive(Clone, Debug)]
pub struct State {
    /// Its code, `AVAILABLE`.
    pub code: Arc<str>,
    /// Its names.
    pub names: Names,
    /// Whether a carrier in it can be had.
    pub availability: Availability,
    /// For a reservation: when it ends by itself, and what the carrier then is.
    pub lapse: Option<Lapse>,
    /// Date attribute (`lease_end`) on which it may end, unless it is prolonged: a way out, not a promise.
    pub may_end_on: Option<AttributeKey>,
    /// `#rrggbb`; one of at most four colours on the map.
    pub colour: Arc<str>,
}

/// The end of a state that ends by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lapse {
    /// Date attribute (`hold_until`); the state has ended on that day.
    pub on: AttributeKey,
    /// State that then holds.
    pub to: Arc<str>,
}

/// Whether a carrier in a state can be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// Now, or from `available_from` if that is later.
    Now,
    /// From `available_from`, unknown while that is unknown.
    FromDate,
    /// Not.
    Never,
}

/// An allowed change of state.
#[derive(Clone, Debug)]
pub struct Transition {
    /// From this state.
    pub from: Arc<str>,
    /// To that one.
    pub to: Arc<str>,
    /// What people call the step.
    pub names: Names,
    /// Attributes that must be known after the change.
    pub needs: Vec<AttributeKey>,
    /// Lowest role that may do it.
    pub role: Role,
}

/// A change of state that somebody wants to make.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// State now; `None` while it is unknown or the record does not exist yet.
    pub from: Option<&'a str>,
    /// State wanted.
    pub to: &'a str,
    /// Who wants it.
    pub role: Role,
}

/// A change of state for which the life-cycle has no way, and those that it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NoStep {
    /// State now.
    pub from: String,
    /// State wanted.
    pub to: String,
    /// States that can be reached from here.
    pub allowed: Vec<String>,
}

/// Why a change of state is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionRefused {
    /// The life-cycle has no such state.
    #[error("there is no state {given}; expected one of {}", .expected.join(", "))]
    UnknownState {
        /// As given.
        given: String,
        /// All states.
        expected: Vec<String>,
    },
    /// There is no way from one to the other.
    #[error("there is no way from {from} to {to}; from {from} the ways lead to {}", .expected.join(", "))]
    NoWay {
        /// State now.
        from: String,
        /// State wanted.
        to: String,
        /// States that can be reached from here.
        expected: Vec<String>,
    },
    /// The way exists, but not for this role.
    #[error("the step from {from} to {to} is for {expected} and above, not for {given}")]
    NotAllowed {
        /// State now.
        from: String,
        /// State wanted.
        to: String,
        /// Role that asked.
        given: Role,
        /// Lowest role that may.
        expected: Role,
    },
    /// Facts are missing that the step needs.
    #[error("the step to {to} needs {}", .missing.iter().map(AttributeKey::as_str).collect::<Vec<_>>().join(", "))]
    Missing {
        /// State wanted.
        to: String,
        /// Attributes that must be known after the step.
        missing: Vec<AttributeKey>,
    },
}

impl Lifecycle {
    /// A state by its code.
    pub fn state(&self, code: &str) -> Option<&State> {
        self.states.iter().find(|state| &*state.code == code)
    }

    /// Steps that this role may take from a state.
    pub fn allowed(&self, from: &str, role: Role) -> Vec<&Transition> {
        self.transitions
            .iter()
            .filter(|transition| &*transition.from == from && role >= transition.role)
            .collect()
    }

    /// What there is instead of a step that does not exist; `None` where it does.
    pub fn no_step(&self, from: &str, to: &str) -> Option<NoStep> {
        let ways = self.transitions.iter().filter(|transition| &*transition.from == from);
        let allowed: Vec<String> = ways.map(|transition| transition.to.to_string()).collect();
        let is_one = from == to || allowed.iter().any(|each| each == to);
        (!is_one).then(|| NoStep {
            from: from.to_owned(),
            to: to.to_owned(),
            allowed,
        })
    }

    /// Whether the step may be taken, given the attributes as they would be after it (values of any type: only their presence counts).
    ///
    /// A first state (`from` is `None`) may be any; staying in a state is always allowed, even where the life-cycle lists no such step.
    pub fn check<V>(&self, step: Step<'_>, attributes_after: &BTreeMap<AttributeKey, V>) -> Result<(), TransitionRefused> {
        if self.state(step.to).is_none() {
            return Err(TransitionRefused::UnknownState {
                given: step.to.to_owned(),
                expected: self.states.iter().map(|state| state.code.to_string()).collect(),
            });
        }
        let Some(from) = step.from.filter(|from| *from != step.to) else {
            return Ok(());
        };
        let transition = self.way(from, step.to)?;
        if step.role < transition.role {
            return Err(TransitionRefused::NotAllowed {
                from: from.to_owned(),
                to: step.to.to_owned(),
                given: step.role,
                expected: transition.role,
            });
        }
        let missing: Vec<_> = transition
            .needs
            .iter()
            .filter(|key| !attributes_after.contains_key(*key))
            .cloned()
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(TransitionRefused::Missing {
            to: step.to.to_owned(),
            missing,
        })
    }

    fn way(&self, from: &str, to: &str) -> Result<&Transition, TransitionRefused> {
        let mut ways = self.transitions.iter().filter(|transition| &*transition.from == from);
        ways.find(|transition| &*transition.to == to)
            .ok_or_else(|| TransitionRefused::NoWay {
                from: from.to_owned(),
                to: to.to_owned(),
                expected: self.no_step(from, to).map(|step| step.allowed).unwrap_or_default(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lifecycle() -> Lifecycle {
        let state = |code: &str| State {
            code: code.into(),
            names: Names::default(),
            availability: Availability::Now,
            lapse: None,
            may_end_on: None,
            colour: "#000000".into(),
        };
        let way = |from: &str, to: &str, needs: &[&str], role| Transition {
            from: from.into(),
            to: to.into(),
            names: Names::default(),
            needs: needs.iter().map(|need| AttributeKey::from(*need)).collect(),
            role,
        };
        Lifecycle {
            list: "made_up".into(),
            states: vec![state("FREE"), state("HELD"), state("TAKEN")],
            transitions: vec![
                way("FREE", "HELD", &["until", "holder"], Role::Staff),
                way("HELD", "FREE", &[], Role::Staff),
                way("HELD", "TAKEN", &[], Role::Steward),
            ],
        }
    }

    #[test]
    fn steps_are_checked() {
        let known = |keys: &[&str]| -> BTreeMap<AttributeKey, bool> { keys.iter().map(|key| (AttributeKey::from(*key), true)).collect() };
        let cases = [
            (None, "TAKEN", Role::Surveyor, &[][..], None),
            (Some("FREE"), "FREE", Role::Surveyor, &[], None),
            (Some("FREE"), "HELD", Role::Staff, &["until", "holder"], None),
            (Some("FREE"), "HELD", Role::Admin, &["until"], Some("the step to HELD needs holder")),
            (
                Some("FREE"),
                "HELD",
                Role::Surveyor,
                &["until", "holder"],
                Some("is for staff and above, not for surveyor"),
            ),
            (
                Some("FREE"),
                "TAKEN",
                Role::Admin,
                &[],
                Some("no way from FREE to TAKEN; from FREE the ways lead to HELD"),
            ),
            (
                Some("HELD"),
                "TAKEN",
                Role::Staff,
                &[],
                Some("is for steward and above, not for staff"),
            ),
            (
                Some("HELD"),
                "GONE",
                Role::Admin,
                &[],
                Some("no state GONE; expected one of FREE, HELD, TAKEN"),
            ),
            (None, "GONE", Role::Admin, &[], Some("no state GONE")),
        ];
        for (from, to, role, keys, refused) in cases {
            let result = lifecycle().check(Step { from, to, role }, &known(keys));
            match refused {
                None => assert_eq!(result, Ok(()), "{from:?} -> {to}"),
                Some(text) => assert!(
                    result.clone().is_err_and(|error| error.to_string().contains(text)),
                    "{from:?} -> {to}: {result:?}"
                ),
            }
        }
    }

    #[test]
    fn only_the_ways_of_a_role_are_offered() {
        let ways = |role| {
            lifecycle()
                .allowed("HELD", role)
                .iter()
                .map(|way| way.to.to_string())
                .collect::<Vec<_>>()
        };
        assert!(ways(Role::Surveyor).is_empty());
        assert_eq!(ways(Role::Staff), ["FREE"]);
        assert_eq!(ways(Role::Admin), ["FREE", "TAKEN"]);
    }
}
