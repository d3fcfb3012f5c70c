//! The one place where errors of the floors below become statuses.
use super::problem::{self, Fault, Problem};
use crate::accounts::AccountError;
use crate::devices::DeviceError;
use crate::filter::{Mistake, ParameterError};
use crate::inventory::{EditError, PastError, ReadError, RequirementError, SuitError, UnfitRequirement};
use crate::store::StoreError;
use crate::suitability::requirement::RequirementFault;
use crate::survey::SurveyError;

/// Seconds after which a busy or absent store is worth another try.
const STORE_RETRY_S: u64 = 5;

impl From<ParameterError> for Problem {
    fn from(error: ParameterError) -> Self {
        let (kind, detail) = match error.kind {
            Mistake::UnknownParameter => (
                problem::UNKNOWN_PARAMETER,
                format!("there is no parameter {} here", error.parameter),
            ),
            Mistake::BadValue => (problem::BAD_PARAMETER, format!("{} cannot have this value", error.parameter)),
        };
        Self::new(kind, detail)
            .about(error.parameter)
            .given(error.given)
            .expected(error.expected)
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Parameter(error) => error.into(),
            ReadError::UnknownCollection { given, expected } => Self::new(problem::BAD_PARAMETER, "there is no such collection")
                .about("collection")
                .given(given)
                .expected(format!("one of {}", expected.join(", "))),
            ReadError::Store(error) => error.into(),
        }
    }
}

impl From<PastError> for Problem {
    fn from(error: PastError) -> Self {
        let detail = error.to_string();
        let bad = |detail: &str| Self::new(problem::BAD_PARAMETER, detail).about("at");
        match error {
            PastError::Unreadable { given, expected } => bad("at is no point in the past").given(given).expected(expected),
            PastError::Future { given, latest } => bad("that is still to come").given(given).expected(format!("at most {latest}")),
            PastError::BeforeFirst { revision, at } => bad(&detail).expected(format!("revision {revision}, or {at} or later")),
            PastError::TooFarBack { reach, .. } => Self::new(problem::TOO_FAR_BACK, detail)
                .about("at")
                .expected(format!("revision {reach} or later")),
            PastError::Empty => bad(&detail).expected("something written first"),
            PastError::BrokeOff => Self::new(problem::INTERNAL, detail),
            PastError::Store(error) => error.into(),
        }
    }
}

impl From<UnfitRequirement> for Problem {
    fn from(error: UnfitRequirement) -> Self {
        let detail = error.to_string();
        let fault = |fault: RequirementFault| Fault {
            path: fault.path,
            given: fault.given,
            expected: fault.expected,
        };
        Self::new(problem::BAD_REQUIREMENT, detail).with_faults(error.faults.into_iter().map(fault).collect())
    }
}

impl From<SuitError> for Problem {
    fn from(error: SuitError) -> Self {
        let detail = error.to_string();
        match error {
            SuitError::TooManyCandidates { path, given, limit } => {
                let fault = Fault {
                    path,
                    given: format!("the ground of {given} carriers"),
                    expected: format!("at most {limit}: narrow it by other needs or by within"),
                };
                Self::new(problem::BAD_REQUIREMENT, detail).with_faults(vec![fault])
            }
            SuitError::TooManyParcels { given, limit } => {
                let fault = Fault {
                    path: "assemble".to_owned(),
                    given: format!("{given} parcels"),
                    expected: format!("at most {limit}: narrow it by other needs or by within"),
                };
                Self::new(problem::BAD_REQUIREMENT, detail).with_faults(vec![fault])
            }
            SuitError::Assembly { .. } => Self::new(problem::BAD_REQUIREMENT, detail),
            SuitError::TookTooLong { limit_ms } => Self::new(problem::BUSY, detail)
                .about("needs")
                .given("more work than that")
                .expected(format!("at most {limit_ms} ms: narrow it by other needs or by within"))
                .retry_after(STORE_RETRY_S),
        }
    }
}

impl From<RequirementError> for Problem {
    fn from(error: RequirementError) -> Self {
        match error {
            RequirementError::Unfit(error) => error.into(),
            RequirementError::Suit(error) => error.into(),
            RequirementError::BrokeOff => Self::new(problem::INTERNAL, "the work broke off"),
            RequirementError::Store(error) => error.into(),
        }
    }
}

impl From<EditError> for Problem {
    fn from(error: EditError) -> Self {
        let detail = error.to_string();
        match error {
            EditError::NotAllowed => Self::new(problem::LOG_IN, detail),
            EditError::TooMany { given, limit } => Self::new(problem::TOO_LARGE, detail)
                .about("edits")
                .given(given.to_string())
                .expected(format!("at most {limit} edits")),
            EditError::Busy | EditError::Stopping => Self::new(problem::BUSY, detail).retry_after(1),
            EditError::Store(error) => error.into(),
        }
    }
}

impl From<DeviceError> for Problem {
    fn from(error: DeviceError) -> Self {
        let detail = error.to_string();
        match error {
            DeviceError::BadName { given } => Self::new(problem::BAD_PARAMETER, detail).about("sha256").given(given),
            DeviceError::BadSize { given, most } | DeviceError::BadChunk { given, most } => Self::new(problem::TOO_LARGE, detail)
                .given(given.to_string())
                .expected(format!("at most {most} bytes")),
            DeviceError::TooManyPixels { width, height, most } => Self::new(problem::TOO_LARGE, detail)
                .given(format!("{width} x {height} pixels"))
                .expected(format!("at most {most} pixels")),
            DeviceError::TooMuchUnfinished { given, most } | DeviceError::TooMuchSent { given, most } => {
                Self::new(problem::PHOTO_QUOTA, detail)
                    .given(format!("{given} bytes"))
                    .expected(format!("at most {most} bytes"))
            }
            DeviceError::WrongOffset { received } => Self::new(problem::WRONG_OFFSET, detail)
                .about("offset")
                .expected(received.to_string())
                .with_received(received),
            DeviceError::WrongHash { found } => Self::new(problem::WRONG_HASH, detail).about("sha256").given(found).with_received(0),
            DeviceError::Heic | DeviceError::NoPhoto => Self::new(problem::NO_PHOTO, detail).expected("JPEG, PNG or WebP"),
            DeviceError::NoReason => Self::new(problem::BAD_EDIT, detail).about("reason"),
            DeviceError::Busy => Self::new(problem::BUSY, detail).retry_after(1),
            DeviceError::BrokeOff { reason } => {
                tracing::error!(reason, "work on a photo or device broke off");
                Self::new(problem::INTERNAL, "the work broke off")
            }
            DeviceError::Store(error) => error.into(),
        }
    }
}

impl From<SurveyError> for Problem {
    fn from(error: SurveyError) -> Self {
        let detail = error.to_string();
        match error {
            SurveyError::UnknownCampaign { given } => Self::not_found("campaign", &given),
            SurveyError::Unfit(faults) => {
                let fault = |fault: crate::survey::Fault| Fault {
                    path: fault.path,
                    given: fault.given,
                    expected: fault.expected,
                };
                Self::new(problem::BAD_CAMPAIGN, "something of this cannot be used").with_faults(faults.into_iter().map(fault).collect())
            }
            SurveyError::Taken { .. } | SurveyError::Signed { .. } => Self::new(problem::CONFLICT, detail),
            SurveyError::Open(items) => {
                let fault = |item: crate::survey::OpenItem| Fault {
                    path: item.kind.to_owned(),
                    given: item.about,
                    expected: "done, or an exception with a reason".to_owned(),
                };
                Self::new(problem::NOT_READY, detail).with_faults(items.into_iter().map(fault).collect())
            }
            SurveyError::Busy => Self::new(problem::BUSY, detail).retry_after(1),
            SurveyError::Unreadable(error) => {
                tracing::error!(%error, "the log of campaigns cannot be read");
                Self::new(
                    problem::INTERNAL,
                    "the log of campaigns cannot be read; the log of the program says why",
                )
            }
            SurveyError::Store(error) => error.into(),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        let detail = error.to_string();
        match error {
            AccountError::WrongPassword => Self::new(problem::WRONG_NAME_OR_PASSWORD, detail),
            AccountError::TooMany { after_s } => Self::new(problem::TOO_MANY, detail).retry_after(after_s),
            AccountError::BadPassword { .. } | AccountError::BadName { .. } | AccountError::BadRole | AccountError::BadDays { .. } => {
                Self::new(problem::BAD_EDIT, detail)
            }
            AccountError::UnknownAccount { .. } | AccountError::Disabled { .. } => Self::new(problem::NOT_FOUND, detail),
            AccountError::Exists { .. } => Self::new(problem::CONFLICT, detail),
            AccountError::Machine { .. } => {
                tracing::error!(%error, "a secret could not be made or checked");
                Self::new(problem::INTERNAL, "a secret could not be made or checked; the log says why")
            }
            AccountError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            // The log says what the database said; an answer does not, because that may hold names of hosts and files.
            StoreError::Unavailable { store, reason } => {
                tracing::error!(store, reason, "the store cannot be used now");
                Self::new(problem::STORE_UNAVAILABLE, "the store cannot be used now; nothing was written").retry_after(STORE_RETRY_S)
            }
            StoreError::Full { store, reason } => {
                tracing::error!(store, reason, "the store has no more room: make room where it lies");
                Self::new(problem::STORE_FULL, "the store has no more room; nothing was written").retry_after(STORE_RETRY_S)
            }
            StoreError::Stale { .. } => Self::new(problem::STALE, "the record has moved on; nothing was written"),
            StoreError::Duplicate { what, value } => Self::new(problem::CONFLICT, format!("this {what} is already taken")).given(value),
            other => {
                tracing::error!(error = %other, "the store failed");
                Self::new(problem::INTERNAL, "the store failed; the log says why")
            }
        }
    }
}
