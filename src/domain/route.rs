//! Who sends what to whom, by coordination: the messages a fault can name. The orchestration's
//! routes derive from the saga table; a test holds all of them against what runs show.

use super::{Coordination, Service, Step, Transport, Turn, saga};
use Service::{
    Coupon, Customer, Monolith, Orchestrator, Order, Payment, Platform, Product, Ranking, User,
};
use Transport::{Call, Event, HeldCall};
use Turn::{Ask, Do, Said, Undo};

/// A message of the flow. The reply of a call goes the same way back.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Route {
    /// The sender.
    pub from: Service,
    /// The receiver.
    pub to: Service,
    /// What is asked for, or told about.
    pub step: Step,
    /// The action, its compensation, a word, or a request to a coordinator.
    pub turn: Turn,
    /// How it travels.
    pub transport: Transport,
}

impl Route {
    /// Whether an answer comes back.
    #[must_use]
    pub const fn answered(&self) -> bool {
        matches!(self.transport, Call | HeldCall)
    }

    /// Whether it carries something, the answer included, from one service to the other.
    #[must_use]
    pub fn joins(&self, from: Service, to: Service) -> bool {
        (self.from, self.to) == (from, to) || self.answered() && (self.to, self.from) == (from, to)
    }
}

const fn route(from: Service, to: Service, step: Step, turn: Turn, transport: Transport) -> Route {
    Route { from, to, step, turn, transport }
}

/// The choreography's table, message by message.
const CHOREOGRAPHY: [Route; 26] = [
    route(Customer, Product, Step::DeductStock, Do, Call),
    route(Product, Order, Step::CreateOrder, Do, Event),
    route(Order, Coupon, Step::UseCoupon, Do, HeldCall),
    route(Order, Order, Step::SetFinalAmount, Do, Event),
    route(Order, Coupon, Step::UseCoupon, Undo, Call),
    route(Order, Order, Step::CreateOrder, Undo, Event),
    route(Order, Product, Step::DeductStock, Undo, Event),
    route(Order, Customer, Step::DeductStock, Said, Event),
    route(Customer, User, Step::DeductBalance, Do, Call),
    route(User, Payment, Step::CreatePayment, Do, Event),
    route(Payment, User, Step::DeductBalance, Undo, Event),
    route(Payment, Order, Step::CompleteOrder, Do, Event),
    route(Order, Payment, Step::CreatePayment, Undo, Event),
    route(Order, Platform, Step::PublishOrder, Do, Event),
    route(Order, Ranking, Step::RankProducts, Do, Event),
    route(Order, Customer, Step::DeductBalance, Said, Event),
    route(User, Customer, Step::DeductBalance, Said, Event),
    route(Customer, Order, Step::CloseOrder, Do, Call),
    route(Order, Customer, Step::CloseOrder, Said, Event),
    route(Customer, Order, Step::StartRefund, Do, Call),
    route(User, Order, Step::StartRefund, Said, Event),
    route(Order, Order, Step::FinishRefund, Do, Event),
    route(Order, Platform, Step::PublishRefund, Do, Event),
    route(Order, Ranking, Step::UnrankProducts, Do, Event),
    route(Order, Customer, Step::StartRefund, Said, Event),
    route(Customer, Ranking, Step::PopularProducts, Do, Call),
];

/// What customers ask outside the checkout, of the service that owns it.
const DUTIES: [(Service, Step); 5] = [
    (User, Step::TopUp),
    (Coupon, Step::IssueCoupon),
    (Coupon, Step::ListCoupons),
    (Product, Step::ListProducts),
    (Product, Step::ChangePrice),
];

/// The requests of a customer to a coordinator, and the words that end them.
const REQUESTS: [Step; 4] =
    [Step::DeductStock, Step::DeductBalance, Step::CloseOrder, Step::StartRefund];

/// Every message of the flow but timers.
#[must_use]
pub fn routes(coordination: Coordination) -> Vec<Route> {
    let mut routes = Vec::new();
    let duty = |owner: Service, step: Step| route(Customer, owner, step, Do, Call);
    match coordination {
        Coordination::Choreography => {
            routes.extend(CHOREOGRAPHY);
            routes.extend(DUTIES.map(|(owner, step)| duty(owner, step)));
        }
        Coordination::Orchestration => {
            routes.extend(REQUESTS.map(|step| route(Customer, Orchestrator, step, Ask, Call)));
            routes.extend(REQUESTS.map(|step| route(Orchestrator, Customer, step, Said, Event)));
            for row in saga::table() {
                routes.push(route(Orchestrator, row.service, row.step, row.turn, Call));
                if row.undo_name().is_some() {
                    routes.push(route(Orchestrator, row.service, row.step, Undo, Call));
                }
            }
            routes.extend(DUTIES.map(|(owner, step)| duty(owner, step)));
            routes.push(duty(Ranking, Step::PopularProducts));
        }
        Coordination::Monolith => {
            routes.extend(REQUESTS.map(|step| route(Customer, Monolith, step, Ask, Call)));
            routes.push(route(Monolith, Customer, Step::CloseOrder, Said, Event));
            let sinks = saga::table().filter(|row| matches!(row.service, Platform | Ranking));
            routes.extend(sinks.map(|row| route(Monolith, row.service, row.step, Do, Event)));
            routes.extend(DUTIES.map(|(_, step)| duty(Monolith, step)));
            routes.push(duty(Ranking, Step::PopularProducts));
        }
    }
    routes.sort_unstable();
    routes.dedup();
    routes
}
