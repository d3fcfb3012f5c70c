//! What follows split and merged targets of campaigns, in their places.
use crate::domain::edit::Action;
use crate::domain::ids::CarrierId;
use crate::inventory::{ReadError, Spot, View};
use crate::survey::{Succession, Survey, SurveyError, Target};

/// Puts what follows closed targets in their places, as the inventory stands in this view of everything. Done again, it has no second effect.
pub async fn settle<E: From<SurveyError> + From<ReadError>>(survey: &Survey, view: &View) -> Result<(), E> {
    let state = survey.state().await?;
    let closed = state
        .replaceable()
        .map(|(campaign, target)| (campaign, target, view.heirs_of(target.target.record)));
    let closed = closed.filter(|(.., heirs)| !heirs.is_empty());
    let closed: Vec<_> = closed
        .map(|(campaign, target, heirs)| (campaign.plan.id, target.target.clone(), heirs))
        .collect();
    for (campaign, target, heirs) in closed {
        let succession = Succession {
            campaign,
            by: closed_by(view, target.record).await?,
            target: target.code,
            heirs: heirs.into_iter().map(target_of).collect(),
        };
        survey.succeed(&succession).await?;
    }
    Ok(())
}

/// Account name of who closed a record, or let it be closed.
async fn closed_by(view: &View, record: CarrierId) -> Result<String, ReadError> {
    let lines = view.history(record).await?.unwrap_or_default();
    let closing = lines.into_iter().rev().find(|line| line.action == Action::Closed);
    let by = closing.and_then(|line| line.field.and_then(|note| note.approved_by).or(line.author));
    Ok(by.unwrap_or_default())
}

/// A record as a target.
pub fn target_of(spot: Spot) -> Target {
    Target {
        record: spot.id,
        code: spot.code,
        collection: spot.collection,
        point: spot.point,
    }
}
