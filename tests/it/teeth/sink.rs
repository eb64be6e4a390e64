//! Defects in the data platform and the ranking.

use super::bend::{ignores, mishears, naive, repeats};
use super::world::{paid, refunded};
use sagasim::actors::host::Cast;
use sagasim::actors::{Platform, Ranking};
use sagasim::domain::{RankingCommand, Sale};
use sagasim::sim::plan::Plan;

super::teeth! {
    a_sale_ranked_twice_breaks_ranking_equals_sales: RankingEqualsSales, paid, rank_twice;
    a_refund_left_in_the_ranking_breaks_ranking_equals_sales:
        RankingEqualsSales, refunded, keep_rank;
    a_sale_ranked_on_another_day_breaks_ranking_equals_sales:
        RankingEqualsSales, paid, another_day;
    a_sale_the_platform_gets_twice_breaks_platform_got_each_completed_once:
        PlatformGotEachCompletedOnce, paid, publish_twice;
    a_sale_the_platform_never_gets_breaks_platform_got_each_completed_once:
        PlatformGotEachCompletedOnce, paid, publish_never;
    a_refund_the_platform_never_gets_breaks_undone_left_no_trace:
        UndoneLeftNoTrace, refunded, forget_refund;
}

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
