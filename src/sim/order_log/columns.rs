//! Which field of a row is what.

use super::LogError;
use crate::sim::scenario::{LogAmount, LogSettings};
use csv::StringRecord;

/// The mapped columns, as positions in a row.
pub(super) struct Columns {
    order: usize,
    user: usize,
    product: usize,
    quantity: usize,
    amount: usize,
    time: usize,
    per_unit: bool,
}

/// The mapped fields of one row, without the blanks around them.
pub(super) struct Fields<'a> {
    pub(super) order: &'a str,
    pub(super) user: &'a str,
    pub(super) product: &'a str,
    pub(super) quantity: &'a str,
    pub(super) amount: &'a str,
    pub(super) time: &'a str,
}

impl Columns {
    /// Finds every mapped column in the header row.
    pub(super) fn find(header: &StringRecord, settings: &LogSettings) -> Result<Self, LogError> {
        let find = |setting, column: &str| position(header, settings, setting, column);
        let (setting, column, per_unit) = match &settings.amount {
            LogAmount::LineAmount(column) => ("line_amount", column, false),
            LogAmount::UnitPrice(column) => ("unit_price", column, true),
        };
        Ok(Columns {
            order: find("order", &settings.order)?,
            user: find("user", &settings.user)?,
            product: find("product", &settings.product)?,
            quantity: find("quantity", &settings.quantity)?,
            amount: find(setting, column)?,
            time: find("time", &settings.time)?,
            per_unit,
        })
    }

    /// True if the amount is the price of one unit.
    pub(super) fn per_unit(&self) -> bool {
        self.per_unit
    }

    /// The mapped fields of a row with as many fields as the header.
    pub(super) fn of<'a>(&self, row: &'a StringRecord) -> Fields<'a> {
        let field = |index| row.get(index).unwrap_or_default().trim();
        Fields {
            order: field(self.order),
            user: field(self.user),
            product: field(self.product),
            quantity: field(self.quantity),
            amount: field(self.amount),
            time: field(self.time),
        }
    }
}

fn position(
    header: &StringRecord,
    settings: &LogSettings,
    setting: &'static str,
    column: &str,
) -> Result<usize, LogError> {
    let wanted = column.trim();
    let mut found = header.iter().enumerate().filter(|(_, name)| name.trim() == wanted);
    let Some((index, _)) = found.next() else {
        return Err(LogError::MissingColumn {
            file: settings.file.clone(),
            setting,
            column: column.to_owned(),
            hint: hint(header, wanted),
        });
    };
    if found.next().is_some() {
        return Err(LogError::AmbiguousColumn {
            file: settings.file.clone(),
            setting,
            column: column.to_owned(),
        });
    }
    Ok(index)
}

/// The most similar column, or all of them.
fn hint(header: &StringRecord, wanted: &str) -> String {
    let likeness = |name: &str| strsim::jaro_winkler(&name.to_lowercase(), &wanted.to_lowercase());
    let best = header
        .iter()
        .map(|name| (likeness(name.trim()), name.trim()))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .filter(|(likeness, _)| *likeness > 0.75);
    match best {
        Some((_, name)) => format!("did you mean `{name}`?"),
        None => {
            let names: Vec<&str> = header.iter().map(str::trim).take(20).collect();
            format!("the columns are: {}", names.join(", "))
        }
    }
}
