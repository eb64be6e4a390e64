//! A run in a word: `SG1-…`.
//!
//! The bytes, in Crockford's base 32: version of this program (2), digest of the scenario (4), its
//! coordination and which protections are switched off (2), the seed, what the run's digest begins
//! with (2), the orders that are placed if not all are, the decisions, a checksum (2). Three bytes
//! a fault.

use super::decision::Decision;
use crate::domain::{Coordination, Exchange, Process, RequestId, Step, Turn};
use crate::sim::decide::mix;
use crate::sim::engine::{Late, Position, Strike};
use crate::sim::plan::{Focus, Intent};
use crate::sim::scenario::{Scenario, resolved_toml};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// What a token begins with; the number is the format's.
const PREFIX: &str = "SG1-";
/// Crockford's base 32: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A run: where it comes from, and its decisions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Which version of this program made it: 16 bits of a hash.
    pub version: u16,
    /// [`scenario_digest`] of the file.
    pub scenario: u32,
    /// Who coordinates.
    pub coordination: Coordination,
    /// Protections switched off besides the scenario's own, a bit each.
    pub off: u16,
    /// The seed.
    pub seed: u64,
    /// The upper 16 bits of the run's digest.
    pub digest: u16,
    /// The orders that are placed, and how plain they are.
    pub focus: Focus,
    /// The decisions.
    pub decisions: Vec<Decision>,
}

/// Why a token cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TokenError {
    /// Not a token at all, or of a later format.
    #[error("`{0}` is not a token of this version: it should begin with `{PREFIX}`")]
    Foreign(String),
    /// A character that no token has.
    #[error("the token has a character `{character}` at place {place}, which no token has")]
    Character {
        /// Which.
        character: char,
        /// From 1.
        place: usize,
    },
    /// Characters are missing or wrong.
    #[error("the token is damaged: its checksum does not fit; was it copied whole?")]
    Damaged,
}

impl Token {
    /// 16 bits that tell one version of this program from another.
    #[must_use]
    pub fn this_version() -> u16 {
        hash(env!("CARGO_PKG_VERSION").as_bytes()) as u16
    }
}

/// 32 bits over a scenario as its file says it.
#[must_use]
pub fn scenario_digest(scenario: &Scenario) -> u32 {
    hash(resolved_toml(scenario).as_bytes()) as u32
}

fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(bytes.len() as u64, |hash, byte| mix(hash, u64::from(*byte)))
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = Vec::new();
        bytes.extend(self.version.to_be_bytes());
        bytes.extend(self.scenario.to_be_bytes());
        let coordination = self.coordination as u16;
        bytes.extend((coordination << 14 | self.off & 0x3fff).to_be_bytes());
        bytes.extend(self.digest.to_be_bytes());
        put(&mut bytes, self.seed);
        put_focus(&mut bytes, &self.focus);
        self.decisions.iter().for_each(|decision| put_decision(&mut bytes, decision));
        bytes.extend((hash(&bytes) as u16).to_be_bytes());
        f.write_str(PREFIX)?;
        f.write_str(&encode(&bytes))
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let text = text.trim();
        let head = text.get(..PREFIX.len()).filter(|head| head.eq_ignore_ascii_case(PREFIX));
        if head.is_none() {
            return Err(TokenError::Foreign(text.to_owned()));
        }
        let bytes = decode(&text[PREFIX.len()..])?;
        let body = bytes.len().checked_sub(2).ok_or(TokenError::Damaged)?;
        let (body, sum) = bytes.split_at(body);
        if sum != (hash(body) as u16).to_be_bytes() {
            return Err(TokenError::Damaged);
        }
        Reader(body).token().ok_or(TokenError::Damaged)
    }
}

/// LEB128.
fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// The first byte of an intent; a step has a smaller one.
const INTENT: u8 = 0xf8;
/// The first bytes of what is neither.
const SCHEDULE: u8 = 0xfd;
const LATE: u8 = 0xfe;
const FOCUS: u8 = 0xff;
const EVERY: u8 = 1 << 3;
const ANSWER: u8 = 1 << 4;
/// Another attempt, another order, another part than 0 follow.
const ATTEMPT: u8 = 1 << 5;
const ORDER: u8 = 1 << 6;
const PART: u8 = 1 << 7;

/// Orders by the distance to the one before, and how plain they are.
fn put_focus(bytes: &mut Vec<u8>, focus: &Focus) {
    let Some(orders) = &focus.orders else { return };
    bytes.push(FOCUS);
    put(bytes, orders.len() as u64);
    let mut before = 0;
    for (order, eased) in orders {
        put(bytes, u64::from(order - before));
        bytes.push(*eased);
        before = *order;
    }
}

fn put_decision(bytes: &mut Vec<u8>, decision: &Decision) {
    match decision {
        Decision::Wants { order, intent } => {
            bytes.push(INTENT | *intent as u8);
            put(bytes, u64::from(order.0));
        }
        Decision::Strikes(strike) => put_strike(bytes, strike),
        Decision::Late(Late { key, answer, by_ms }) => {
            bytes.push(LATE);
            put(bytes, u64::from(*by_ms));
            let (key, answer) = (*key, *answer);
            let position = Position::RequestLost;
            put_strike(bytes, &Strike { key, position, every_attempt: false, answer });
        }
        Decision::Schedule(number) => {
            bytes.push(SCHEDULE);
            put(bytes, u64::from(*number));
        }
    }
}

fn put_strike(bytes: &mut Vec<u8>, strike: &Strike) {
    let key = strike.key;
    let (request, process, n) = (key.request(), key.process(), key.n());
    let (step, turn, part, attempt) = (key.step(), key.turn(), key.part(), key.attempt());
    bytes.push((step as u8) << 3 | turn as u8);
    bytes.push((process as u8) << 5 | n & 31);
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    bytes.push(
        strike.position as u8
            | flag(strike.every_attempt, EVERY)
            | flag(strike.answer, ANSWER)
            | flag(attempt != 0, ATTEMPT)
            | flag(request.0 != 0, ORDER)
            | flag(part != 0, PART),
    );
    bytes.extend((attempt != 0).then_some(attempt));
    if request.0 != 0 {
        put(bytes, u64::from(request.0));
    }
    bytes.extend((part != 0).then_some(part));
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes([self.byte()?, self.byte()?]))
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    fn token(mut self) -> Option<Token> {
        let version = self.u16()?;
        let scenario = u32::from(self.u16()?) << 16 | u32::from(self.u16()?);
        let settings = self.u16()?;
        let coordination =
            Coordination::ALL.into_iter().find(|one| *one as u16 == settings >> 14)?;
        let digest = self.u16()?;
        let seed = self.number()?;
        let focus = self.focus()?;
        let mut decisions = Vec::new();
        while !self.0.is_empty() {
            decisions.push(self.decision()?);
        }
        let off = settings & 0x3fff;
        Some(Token { version, scenario, coordination, off, seed, digest, focus, decisions })
    }

    fn u32(&mut self) -> Option<u32> {
        self.number().and_then(|number| u32::try_from(number).ok())
    }

    fn focus(&mut self) -> Option<Focus> {
        if self.0.first() != Some(&FOCUS) {
            return Some(Focus::default());
        }
        self.byte()?;
        let mut orders = BTreeMap::new();
        let mut order = 0_u32;
        for _ in 0..self.number()? {
            order = order.checked_add(self.u32()?)?;
            // One that comes twice was written by nobody.
            if orders.insert(order, self.byte()?).is_some() {
                return None;
            }
        }
        Some(Focus { orders: Some(orders) })
    }

    fn decision(&mut self) -> Option<Decision> {
        let first = self.byte()?;
        match first {
            SCHEDULE => self.u32().map(Decision::Schedule),
            LATE => {
                let by_ms = self.u32()?;
                let first = self.byte().filter(|first| *first < INTENT)?;
                let Strike { key, answer, .. } = self.strike(first)?;
                Some(Decision::Late(Late { key, answer, by_ms }))
            }
            INTENT.. => {
                let intent = *Intent::ALL.get(usize::from(first & 7))?;
                Some(Decision::Wants { order: self.u32().map(RequestId)?, intent })
            }
            _ => self.strike(first).map(Decision::Strikes),
        }
    }

    fn strike(&mut self, first: u8) -> Option<Strike> {
        let step = *Step::ALL.get(usize::from(first >> 3))?;
        let turn = *TURNS.get(usize::from(first & 7))?;
        let second = self.byte()?;
        let process = *PROCESSES.get(usize::from(second >> 5))?;
        let flags = self.byte()?;
        let position = *Position::ALL.get(usize::from(flags & 7))?;
        let attempt = if flags & ATTEMPT == 0 { 0 } else { self.byte()? };
        let request = RequestId(if flags & ORDER == 0 { 0 } else { self.u32()? });
        let part = if flags & PART == 0 { 0 } else { self.byte()? };
        let n = second & 31;
        let key =
            Exchange::new(request, process, n, step, turn).with_part(part).with_attempt(attempt);
        let (every_attempt, answer) = (flags & EVERY != 0, flags & ANSWER != 0);
        Some(Strike { key, position, every_attempt, answer })
    }
}

const TURNS: [Turn; 5] = [Turn::Do, Turn::Undo, Turn::Said, Turn::Timer, Turn::Ask];
const PROCESSES: [Process; 7] = [
    Process::Order,
    Process::Payment,
    Process::Expiry,
    Process::Cancel,
    Process::Refund,
    Process::Issue,
    Process::Traffic,
];

fn encode(bytes: &[u8]) -> String {
    let (mut text, mut bits, mut held) = (String::new(), 0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(ALPHABET[(bits >> held & 31) as usize]));
        }
    }
    if held > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - held) & 31) as usize]));
    }
    text
}

fn decode(text: &str) -> Result<Vec<u8>, TokenError> {
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for (at, character) in text.chars().enumerate() {
        // As Crockford asks: what looks alike is alike.
        let alike = match character.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        let digit = ALPHABET.iter().position(|one| char::from(*one) == alike);
        let place = at + PREFIX.len() + 1;
        let digit = digit.ok_or(TokenError::Character { character, place })?;
        bits = bits << 5 | digit as u32;
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    // What is left over is padding.
    if held >= 5 || bits & ((1 << held) - 1) != 0 {
        return Err(TokenError::Damaged);
    }
    Ok(bytes)
}
