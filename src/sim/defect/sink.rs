//! Defects in the data platform and the ranking.

use super::bend::{ignores, mishears, naive, repeats};
use super::{Defect, EVERYWHERE};
use crate::actors::host::Cast;
use crate::actors::{Platform, Ranking};
use crate::domain::{RankingCommand, Sale};
use crate::sim::check::Law;
use crate::sim::plan::Plan;

/// The defects.
pub(super) const DEFECTS: &[Defect] = &[
    Defect::new(
        "ranked-twice",
        Law::RankingEqualsSales,
        rank_twice,
        "The ranking counts a sale twice.",
        "an increment that is retried",
    )
    .at(EVERYWHERE)
    .by(0),
    Defect::new(
        "refund-still-ranked",
        Law::RankingEqualsSales,
        keep_rank,
        "The ranking never hears of refunds.",
        "a consumer of one event of two",
    )
    .at(EVERYWHERE)
    .by(1),
    Defect::new(
        "ranked-on-another-day",
        Law::RankingEqualsSales,
        another_day,
        "The ranking counts a sale on the day before.",
        "a time zone that is forgotten",
    )
    .at(EVERYWHERE)
    .by(0),
    Defect::new(
        "published-twice",
        Law::PlatformGotEachCompletedOnce,
        publish_twice,
        "The data platform stores each record twice.",
        "a consumer without deduplication",
    )
    .at(EVERYWHERE)
    .by(0),
    Defect::new(
        "never-published",
        Law::PlatformGotEachCompletedOnce,
        publish_never,
        "The data platform stores nothing.",
        "a topic that nobody subscribed to",
    )
    .at(EVERYWHERE)
    .by(0),
    Defect::new(
        "refund-never-published",
        Law::UndoneLeftNoTrace,
        forget_refund,
        "The data platform never hears of refunds.",
        "a consumer of one event of two",
    )
    .at(EVERYWHERE)
    .by(1),
];

fn rank_twice(mut cast: Cast, plan: &Plan) -> Cast {
    let ranks = |command: &RankingCommand| matches!(command, RankingCommand::Rank(_));
    cast.ranking = repeats(naive(Ranking::default(), plan), ranks);
    cast
}

fn keep_rank(mut cast: Cast, _: &Plan) -> Cast {
    let refunds = |command: &RankingCommand| match command {
        RankingCommand::Rank(sale) => sale.refund,
        RankingCommand::PopularProducts { .. } => false,
    };
    cast.ranking = ignores(cast.ranking, refunds);
    cast
}

fn another_day(mut cast: Cast, _: &Plan) -> Cast {
    cast.ranking = mishears(cast.ranking, |command| match command {
        RankingCommand::Rank(sale) => RankingCommand::Rank(Sale { day: sale.day - 1, ..sale }),
        command => command,
    });
    cast
}

fn publish_twice(mut cast: Cast, plan: &Plan) -> Cast {
    cast.platform = repeats(naive(Platform::default(), plan), |_| true);
    cast
}

fn forget_refund(mut cast: Cast, _: &Plan) -> Cast {
    cast.platform = ignores(cast.platform, |sale| sale.refund);
    cast
}

fn publish_never(mut cast: Cast, _: &Plan) -> Cast {
    cast.platform = ignores(cast.platform, |_| true);
    cast
}
