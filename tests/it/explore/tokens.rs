//! A run in a word: what goes in comes out, and what is damaged is refused.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Strategy, any, prop_oneof, proptest};
use proptest::sample::select;
use sagasim::domain::{Coordination, Exchange, Process, RequestId, Step, Turn};
use sagasim::sim::engine::{Late, Position, Strike};
use sagasim::sim::explore::{Decision, Token, TokenError};
use sagasim::sim::plan::{Focus, Intent};

const PROCESSES: [Process; 7] = [
    Process::Order,
    Process::Payment,
    Process::Expiry,
    Process::Cancel,
    Process::Refund,
    Process::Issue,
    Process::Traffic,
];
const TURNS: [Turn; 5] = [Turn::Do, Turn::Undo, Turn::Said, Turn::Timer, Turn::Ask];

fn key() -> impl Strategy<Value = Exchange> {
    let order = prop_oneof![0..1_u32, any::<u32>()].prop_map(RequestId);
    let (attempt, part) = (prop_oneof![0..1_u8, any::<u8>()], prop_oneof![0..1_u8, any::<u8>()]);
    let what = (select(&PROCESSES[..]), 0..32_u8, select(&Step::ALL[..]), select(&TURNS[..]));
    (order, what, part, attempt).prop_map(|(request, (process, n, step, turn), part, attempt)| {
        Exchange::new(request, process, n, step, turn).with_part(part).with_attempt(attempt)
    })
}

fn decision() -> impl Strategy<Value = Decision> {
    let strike = (key(), select(&Position::ALL[..]), any::<bool>(), any::<bool>()).prop_map(
        |(key, position, every_attempt, answer)| {
            Decision::Strikes(Strike { key, position, every_attempt, answer })
        },
    );
    let wants = (any::<u32>(), select(&Intent::ALL[..]))
        .prop_map(|(order, intent)| Decision::Wants { order: RequestId(order), intent });
    let late = (key(), any::<bool>(), any::<u32>())
        .prop_map(|(key, answer, by_ms)| Decision::Late(Late { key, answer, by_ms }));
    let schedule = any::<u32>().prop_map(Decision::Schedule);
    prop_oneof![3 => strike, 1 => wants, 1 => late, 1 => schedule]
}

fn focus() -> impl Strategy<Value = Focus> {
    let orders = btree_map(any::<u32>(), any::<u8>(), 0..4);
    option::of(orders).prop_map(|orders| Focus { orders })
}

fn token() -> impl Strategy<Value = Token> {
    let made = (any::<u16>(), any::<u32>(), select(&Coordination::ALL[..]), 0..1_u16 << 14);
    (made, any::<u64>(), any::<u16>(), focus(), vec(decision(), 0..6)).prop_map(
        |((version, scenario, coordination, off), seed, digest, focus, decisions)| Token {
            version,
            scenario,
            coordination,
            off,
            seed,
            digest,
            focus,
            decisions,
        },
    )
}

proptest! {
    #[test]
    fn a_token_says_the_run_it_was_made_from(token in token()) {
        let word = token.to_string();
        assert_eq!(word.parse(), Ok(token.clone()), "{word}");
        assert_eq!(format!(" {}\n", word.to_ascii_lowercase()).parse(), Ok(token));
    }

    #[test]
    fn one_wrong_character_is_noticed(token in token(), at in any::<u16>(), other in any::<u8>()) {
        let word = token.to_string();
        let at = 4 + usize::from(at) % (word.len() - 4);
        let mut wrong = word.clone().into_bytes();
        let digit = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ"[usize::from(other) % 32];
        if wrong[at] != digit {
            wrong[at] = digit;
            let wrong = String::from_utf8(wrong).expect("ASCII");
            // The checksum has 16 bits: one word in 65 536 may pass it, as another token.
            if let Ok(passed) = wrong.parse::<Token>() {
                assert_ne!(passed, token);
            }
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,60}", tail in "[0-9A-Za-z]{0,60}") {
        assert!(text.parse::<Token>().is_err());
        let parsed = format!("SG1-{tail}").parse::<Token>();
        assert!(!matches!(parsed, Err(TokenError::Foreign(_))), "{tail}");
    }
}

#[test]
fn what_is_no_token_is_said_with_its_place() {
    let wrong = |text: &str| text.parse::<Token>().expect_err("no token").to_string();
    assert_eq!(
        wrong("SG2-00"),
        "`SG2-00` is not a token of this version: it should begin with `SG1-`"
    );
    assert_eq!(wrong("SG1-0U"), "the token has a character `U` at place 6, which no token has");
    assert_eq!(
        wrong("SG1-0000"),
        "the token is damaged: its checksum does not fit; was it copied whole?"
    );
}

#[test]
fn two_faults_fit_a_line_of_a_chat() {
    let key = Exchange::new(RequestId(0), Process::Order, 0, Step::UseCoupon, Turn::Do);
    let strike =
        |position| Decision::Strikes(Strike { key, position, every_attempt: false, answer: false });
    let token = Token {
        version: 1,
        scenario: 2,
        coordination: Coordination::Monolith,
        off: 3,
        seed: 424_242,
        digest: 4,
        focus: Focus::default(),
        decisions: vec![strike(Position::ReplyLost), strike(Position::LateRequest)],
    };
    assert!(token.to_string().len() <= 40, "{token}");
}
