//! Survey campaigns: who looks at what on site, what came of it, and the sign-off.
//!
//! Everything that happens is an entry of an append-only log ([`Event`]); what is known is computed from the entries by one pure function
//! ([`State::fold`]), and every number by pure functions of that state ([`numbers`]). A visit is a small document of its own that names its edits and
//! photos. Visits that cannot count are kept: apart until a person decides, or as they were sent.
//!
//! Read in this order: `event` (what is kept), `campaign` and `state` (what is known), `numbers`, `service` (the log in the store), `planning` (launch, targets,
//! zones), `heirs` (what follows a target), `visits` (what comes in), `retract` (what is taken back), `desk` (review, sample, sign-off), `told` (JSON), `report`, and the sums behind them: `days`, `route`, `balance`, `sample`.
//!
//! Deliberately absent: values of records and edits (`inventory` has them; `http` composes the two), rights by role (`http` asks for them), photos' bytes.
mod balance;
mod campaign;
mod checks;
mod days;
mod desk;
mod digest;
mod error;
mod event;
mod ground;
mod heirs;
mod limits;
mod numbers;
mod outside;
mod planning;
pub mod report;
mod retract;
mod route;
mod sample;
mod service;
mod state;
pub mod told;
mod visits;

pub use campaign::{Campaign, LogLine, Replaced, Review, Sample, SignedOff, TargetState, VisitState, ZoneState};
pub use desk::{ReviewOutcome, ReviewRequest, ReviewResult, is_to_be_seen_again, is_visited};
pub use error::{Fault, OpenItem, SurveyError};
pub use event::{
    Away, AwayReason, Event, Exception, NoAccessReason, Photo, Place, Plan, Taken, Target, Team, Verdict, Visit, VisitOutcome, Zone,
};
pub use ground::polygon;
pub use heirs::Succession;
pub use limits::Limits;
pub use numbers::{Facts, Heard, Numbers, Part, SilentDevice, day_of, numbers};
pub use outside::Sent;
pub use planning::{Retarget, balanced, check_plan};
pub use retract::Retraction;
pub use service::{Settings, Survey};
pub use state::{ReturnedVisit, State, Unreadable};
pub use visits::{Incoming, ReceiptOutcome, Sender, VisitReceipt, VisitWord};
