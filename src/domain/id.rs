//! Names for things: orders, services, steps, and the key that ties every message, timer,
//! decision and posting of one exchange together.

use super::Coordination;

/// An order (dense, by arrival), or a unit of background traffic (its own dense range, told apart
/// by [`Process::Traffic`] in the key).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct RequestId(pub u32);

/// Who can receive a message.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Service {
    /// Catalogue and stock.
    Product,
    /// The order and its state machine.
    Order,
    /// Coupons: issue, use, restore.
    Coupon,
    /// Members and their balance.
    User,
    /// Payments.
    Payment,
    /// The saga coordinator of the orchestration.
    Orchestrator,
    /// The five domains in one process, for comparison.
    Monolith,
    /// Data platform (sink).
    Platform,
    /// Product ranking (sink).
    Ranking,
    /// The customer, played by the driver.
    Customer,
}

impl Service {
    /// Every service in declaration order.
    pub const ALL: [Service; 10] = [
        Service::Product,
        Service::Order,
        Service::Coupon,
        Service::User,
        Service::Payment,
        Service::Orchestrator,
        Service::Monolith,
        Service::Platform,
        Service::Ranking,
        Service::Customer,
    ];
    /// Services that have workers and a queue: all but the customer.
    pub const STATIONS: usize = 9;

    /// The name used in scenario files and reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Service::Product => "product",
            Service::Order => "order",
            Service::Coupon => "coupon",
            Service::User => "user",
            Service::Payment => "payment",
            Service::Orchestrator => "orchestrator",
            Service::Monolith => "monolith",
            Service::Platform => "platform",
            Service::Ranking => "ranking",
            Service::Customer => "customer",
        }
    }

    /// Whether it is a station of a flow that is coordinated like this.
    #[must_use]
    pub const fn takes_part(self, coordination: Coordination) -> bool {
        let apart = !matches!(coordination, Coordination::Monolith);
        match self {
            Service::Product
            | Service::Order
            | Service::Coupon
            | Service::User
            | Service::Payment => apart,
            Service::Orchestrator => matches!(coordination, Coordination::Orchestration),
            Service::Monolith => !apart,
            Service::Platform | Service::Ranking => true,
            Service::Customer => false,
        }
    }
}

/// One run through a list of steps on behalf of an order.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Process {
    /// From the customer's order to the amount to pay.
    Order,
    /// From the customer's payment to the completed order; numbered from 1.
    Payment,
    /// The payment window ran out.
    Expiry,
    /// The customer cancelled before paying.
    Cancel,
    /// The customer cancelled a completed order.
    Refund,
    /// A coupon asked for before ordering.
    Issue,
    /// The domains' other duties: top-ups, lists, price changes.
    Traffic,
}

impl Process {
    /// Every process, in declaration order.
    pub const ALL: [Process; 7] = [
        Process::Order,
        Process::Payment,
        Process::Expiry,
        Process::Cancel,
        Process::Refund,
        Process::Issue,
        Process::Traffic,
    ];

    /// The processes of the checkout, in the order reports show them.
    pub const CHECKOUT: [Process; 5] =
        [Process::Order, Process::Payment, Process::Expiry, Process::Cancel, Process::Refund];

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Process::Order => "order",
            Process::Payment => "payment",
            Process::Expiry => "expiry",
            Process::Cancel => "cancel",
            Process::Refund => "refund",
            Process::Issue => "issue",
            Process::Traffic => "traffic",
        }
    }
}

/// What a service is asked to do. The first block is the saga table's rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Step {
    /// Product takes the units, all lines or none.
    DeductStock,
    /// Order stores the order.
    CreateOrder,
    /// Coupon marks the customer's coupon as used.
    UseCoupon,
    /// Order stores the amount to pay and opens the payment window.
    SetFinalAmount,
    /// User takes the money.
    DeductBalance,
    /// Payment stores the payment.
    CreatePayment,
    /// Order becomes completed: the pivot of a payment.
    CompleteOrder,
    /// The sale goes to the data platform.
    PublishOrder,
    /// The sale goes to the ranking.
    RankProducts,
    /// Order stops accepting payment: the pivot of expiry and cancel.
    CloseOrder,
    /// Order takes a completed sale back: the pivot of a refund.
    StartRefund,
    /// Order has given everything back but the stock.
    FinishRefund,
    /// The refund goes to the data platform.
    PublishRefund,
    /// The refund goes to the ranking.
    UnrankProducts,
    /// A coupon is issued to a customer.
    IssueCoupon,
    /// A customer charges the balance.
    TopUp,
    /// A customer lists the coupons held.
    ListCoupons,
    /// A customer lists products with their exact stock.
    ListProducts,
    /// A customer asks for the top five of three days.
    PopularProducts,
    /// The shop changes a price.
    ChangePrice,
}

impl Step {
    /// Every step, in declaration order.
    pub const ALL: [Step; 20] = [
        Step::DeductStock,
        Step::CreateOrder,
        Step::UseCoupon,
        Step::SetFinalAmount,
        Step::DeductBalance,
        Step::CreatePayment,
        Step::CompleteOrder,
        Step::PublishOrder,
        Step::RankProducts,
        Step::CloseOrder,
        Step::StartRefund,
        Step::FinishRefund,
        Step::PublishRefund,
        Step::UnrankProducts,
        Step::IssueCoupon,
        Step::TopUp,
        Step::ListCoupons,
        Step::ListProducts,
        Step::PopularProducts,
        Step::ChangePrice,
    ];

    /// The name of the action, as in scenario files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Step::DeductStock => "deduct-stock",
            Step::CreateOrder => "create-order",
            Step::UseCoupon => "use-coupon",
            Step::SetFinalAmount => "set-final-amount",
            Step::DeductBalance => "deduct-balance",
            Step::CreatePayment => "create-payment",
            Step::CompleteOrder => "complete-order",
            Step::PublishOrder => "publish-order",
            Step::RankProducts => "rank-products",
            Step::CloseOrder => "close-order",
            Step::StartRefund => "start-refund",
            Step::FinishRefund => "finish-refund",
            Step::PublishRefund => "publish-refund",
            Step::UnrankProducts => "unrank-products",
            Step::IssueCoupon => "issue-coupon",
            Step::TopUp => "top-up",
            Step::ListCoupons => "list-coupons",
            Step::ListProducts => "list-products",
            Step::PopularProducts => "popular-products",
            Step::ChangePrice => "change-price",
        }
    }

    /// The name of the compensation, for the steps that have one.
    #[must_use]
    pub const fn undo_name(self) -> Option<&'static str> {
        match self {
            Step::DeductStock => Some("restore-stock"),
            Step::CreateOrder => Some("roll-back-order"),
            Step::UseCoupon => Some("restore-coupon"),
            Step::DeductBalance => Some("restore-balance"),
            Step::CreatePayment => Some("cancel-payment"),
            Step::SetFinalAmount
            | Step::CompleteOrder
            | Step::PublishOrder
            | Step::RankProducts
            | Step::CloseOrder
            | Step::StartRefund
            | Step::FinishRefund
            | Step::PublishRefund
            | Step::UnrankProducts
            | Step::IssueCoupon
            | Step::TopUp
            | Step::ListCoupons
            | Step::ListProducts
            | Step::PopularProducts
            | Step::ChangePrice => None,
        }
    }
}

/// Which way an exchange goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Turn {
    /// The action.
    Do,
    /// The compensation.
    Undo,
    /// A word to whoever asked: an answer, or the final word to the customer.
    Said,
    /// A timer set for the step.
    Timer,
    /// The customer's request to a coordinator, which then does the step.
    Ask,
}

impl Turn {
    /// Every direction, in declaration order.
    pub const ALL: [Turn; 5] = [Turn::Do, Turn::Undo, Turn::Said, Turn::Timer, Turn::Ask];
}

/// The key of one exchange: idempotency key, decision key, owner of postings, latency row.
/// Equal on retry (but for `attempt`), redelivery and duplicate.
///
/// One 64-bit word, because it is hashed and compared some seventy times an order: request 32
/// bits, attempt 8, part 8, n 5, process 3, step 5, turn 3, from the highest down.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exchange(u64);

/// How far each field is shifted in the word.
mod shift {
    pub(super) const REQUEST: u32 = 32;
    pub(super) const ATTEMPT: u32 = 24;
    pub(super) const PART: u32 = 16;
    pub(super) const N: u32 = 11;
    pub(super) const PROCESS: u32 = 8;
    pub(super) const STEP: u32 = 3;
}

/// The values of a field by their bits. The bits no value has are filled with the last one, so
/// that the lookup needs no bounds check; no key is ever built with them.
const fn by_bits<T: Copy, const ALL: usize, const BITS: usize>(all: [T; ALL]) -> [T; BITS] {
    let mut table = [all[ALL - 1]; BITS];
    let mut at = 0;
    while at < ALL {
        table[at] = all[at];
        at += 1;
    }
    table
}

impl Exchange {
    /// The first exchange of a process: attempt 0, part 0.
    #[must_use]
    pub const fn new(request: RequestId, process: Process, n: u8, step: Step, turn: Turn) -> Self {
        Exchange(
            (request.0 as u64) << shift::REQUEST
                | ((n & 31) as u64) << shift::N
                | (process as u64) << shift::PROCESS
                | (step as u64) << shift::STEP
                | turn as u64,
        )
    }

    /// The same process, another step and direction; attempt 0, part 0.
    #[must_use]
    pub const fn to(self, step: Step, turn: Turn) -> Self {
        let kept = 0xffff_ffff << shift::REQUEST | 31 << shift::N | 7 << shift::PROCESS;
        Exchange(self.0 & kept | (step as u64) << shift::STEP | turn as u64)
    }

    /// The order, or the unit of background traffic.
    #[must_use]
    pub const fn request(self) -> RequestId {
        RequestId((self.0 >> shift::REQUEST) as u32)
    }

    /// The process this belongs to.
    #[must_use]
    pub const fn process(self) -> Process {
        const TABLE: [Process; 8] = by_bits(Process::ALL);
        TABLE[(self.0 >> shift::PROCESS & 7) as usize]
    }

    /// Which payment (1, 2, …); 0 in the other processes.
    #[must_use]
    pub const fn n(self) -> u8 {
        (self.0 >> shift::N & 31) as u8
    }

    /// The step.
    #[must_use]
    pub const fn step(self) -> Step {
        const TABLE: [Step; 32] = by_bits(Step::ALL);
        TABLE[(self.0 >> shift::STEP & 31) as usize]
    }

    /// The direction.
    #[must_use]
    pub const fn turn(self) -> Turn {
        const TABLE: [Turn; 8] = by_bits(Turn::ALL);
        TABLE[(self.0 & 7) as usize]
    }

    /// Shard of the receiver; always 0 while a service is one actor.
    #[must_use]
    pub const fn part(self) -> u8 {
        (self.0 >> shift::PART) as u8
    }

    /// The sender's retry, from 0. The domain never looks at it.
    #[must_use]
    pub const fn attempt(self) -> u8 {
        (self.0 >> shift::ATTEMPT) as u8
    }

    /// The same for another request.
    #[must_use]
    pub const fn with_request(self, request: RequestId) -> Self {
        Exchange(self.0 & 0xffff_ffff | (request.0 as u64) << shift::REQUEST)
    }

    /// The same for another payment.
    #[must_use]
    pub const fn with_n(self, n: u8) -> Self {
        Exchange(self.0 & !(31 << shift::N) | ((n & 31) as u64) << shift::N)
    }

    /// The same in another direction.
    #[must_use]
    pub const fn with_turn(self, turn: Turn) -> Self {
        Exchange(self.0 & !7 | turn as u64)
    }

    /// The same of another part.
    #[must_use]
    pub const fn with_part(self, part: u8) -> Self {
        Exchange(self.0 & !(0xff << shift::PART) | (part as u64) << shift::PART)
    }

    /// The same of another attempt.
    #[must_use]
    pub const fn with_attempt(self, attempt: u8) -> Self {
        Exchange(self.0 & !(0xff << shift::ATTEMPT) | (attempt as u64) << shift::ATTEMPT)
    }

    /// The key as its word.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The key without the retry counter: what makes two attempts the same exchange.
    #[must_use]
    pub const fn identity(self) -> u64 {
        self.with_attempt(0).0
    }
}

impl std::fmt::Debug for Exchange {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Exchange")
            .field("request", &self.request())
            .field("process", &self.process())
            .field("n", &self.n())
            .field("step", &self.step())
            .field("turn", &self.turn())
            .field("part", &self.part())
            .field("attempt", &self.attempt())
            .finish()
    }
}
