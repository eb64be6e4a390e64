//! The pipeline as a saga of steno: five actions, each with its undo, one thread, the saga log in
//! memory. steno knows no virtual time and no stations: an action draws its latency and its
//! service time, adds them up, does its effect and returns.

use peers::{Chance, HOPS, NETWORK_NS, SERVICE_NS, orders, report};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;
use steno::{
    Action, ActionContext, ActionError, ActionFunc, ActionRegistry, Dag, DagBuilder,
    InMemorySecStore, Node, SagaDag, SagaId, SagaName, SagaType, SecClient,
};

/// Each hop is one action: no arrivals, no lines.
const EVENTS_PER_ORDER: u64 = HOPS.len() as u64;
/// Sagas under way at once, if no second argument says otherwise: what the load has in flight.
const IN_FLIGHT: usize = 150;

/// What the five services own.
#[derive(Debug)]
struct Shop {
    /// How many orders hold an effect at each hop.
    held: [AtomicI64; HOPS.len()],
    chance: Mutex<Chance>,
}

#[derive(Debug)]
struct Checkout;

impl SagaType for Checkout {
    type ExecContextType = Arc<Shop>;
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    id: u64,
}

/// What an action leaves behind: how long it took in virtual time.
#[derive(Debug, Serialize, Deserialize)]
struct Done {
    took_ns: u64,
}

fn act<const HOP: usize>(context: &ActionContext<Checkout>) -> Result<Done, ActionError> {
    let shop = context.user_data();
    let order: Order = context.saga_params()?;
    shop.held[HOP].fetch_add(order.id as i64, Ordering::Relaxed);
    let mut chance = shop.chance.lock().expect("nobody panics with it");
    let took_ns = chance.exponential_ns(NETWORK_NS) + chance.exponential_ns(SERVICE_NS);
    Ok(Done { took_ns })
}

fn undo<const HOP: usize>(context: &ActionContext<Checkout>) -> Result<(), anyhow::Error> {
    let order: Order = context.saga_params()?;
    context.user_data().held[HOP].fetch_sub(order.id as i64, Ordering::Relaxed);
    Ok(())
}

fn action<const HOP: usize>() -> Arc<dyn Action<Checkout>> {
    ActionFunc::new_action(
        HOPS[HOP],
        |context| async move { act::<HOP>(&context) },
        |context| async move { undo::<HOP>(&context) },
    )
}

struct Book {
    registry: Arc<ActionRegistry<Checkout>>,
    actions: Vec<Arc<dyn Action<Checkout>>>,
}

impl Book {
    fn new() -> Self {
        let actions =
            vec![action::<0>(), action::<1>(), action::<2>(), action::<3>(), action::<4>()];
        let mut registry = ActionRegistry::new();
        actions.iter().for_each(|action| registry.register(Arc::clone(action)));
        Book { registry: Arc::new(registry), actions }
    }

    fn dag(&self) -> Dag {
        let mut builder = DagBuilder::new(SagaName::new("checkout"));
        for (name, action) in HOPS.into_iter().zip(&self.actions) {
            builder.append(Node::action(name, name, action.as_ref()));
        }
        builder.build().expect("a line of actions is a graph without cycles")
    }
}

async fn all(orders: u64, in_flight: usize, shop: &Arc<Shop>, sec: SecClient) -> u64 {
    let book = Book::new();
    let dag = book.dag();
    let (mut under_way, mut completed) = (VecDeque::new(), 0);
    for id in 0..orders {
        let params = serde_json::to_value(Order { id }).expect("a number is JSON");
        let dag = Arc::new(SagaDag::new(dag.clone(), params));
        let saga = SagaId::new_v4();
        let context = Arc::new(Arc::clone(shop));
        let end = sec.saga_create(saga, context, dag, Arc::clone(&book.registry)).await;
        sec.saga_start(saga).await.expect("it was created");
        under_way.push_back(end.expect("it can be created"));
        if under_way.len() == in_flight
            && let Some(oldest) = under_way.pop_front()
        {
            completed += u64::from(oldest.await.kind.is_ok());
        }
    }
    for saga in under_way {
        completed += u64::from(saga.await.kind.is_ok());
    }
    sec.shutdown().await;
    completed
}

fn main() {
    let orders = orders();
    let in_flight = std::env::args().nth(2).and_then(|text| text.parse().ok());
    let since = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a thread is there");
    let shop = Shop { held: Default::default(), chance: Mutex::new(Chance::new(1)) };
    let completed = runtime.block_on(async {
        let log = slog::Logger::root(slog::Discard, slog::o!());
        let sec = steno::sec(log, Arc::new(InMemorySecStore::new()));
        all(orders, in_flight.unwrap_or(IN_FLIGHT), &Arc::new(shop), sec).await
    });
    report(orders, completed, EVENTS_PER_ORDER, since);
}
