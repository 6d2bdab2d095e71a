//! What the columns of a file of purchases are for, and how they are found.

use cltv_protocol::text::closest;
use cltv_tables::TableError;

use crate::filter::Filter;
use crate::source::Source;

/// What a column is for, and the names by which it is recognised.
struct Role {
    role: &'static str,
    parameter: &'static str,
    named: fn(&Source) -> &str,
    known: &'static [&'static str],
    optional: bool,
}

const CUSTOMER: Role = Role {
    role: "customer's id",
    parameter: "customer_column",
    named: |source| &source.customer_column,
    known: &[
        "customerid",
        "customer",
        "custid",
        "clientid",
        "client",
        "userid",
        "user",
        "accountid",
        "account",
        "memberid",
        "buyerid",
        "id",
    ],
    optional: false,
};
const DATE: Role = Role {
    role: "date of the purchase",
    parameter: "date_column",
    named: |source| &source.date_column,
    known: &[
        "date",
        "purchasedate",
        "orderdate",
        "transactiondate",
        "invoicedate",
        "datetime",
        "timestamp",
        "createdat",
        "day",
    ],
    optional: false,
};
const AMOUNT: Role = Role {
    role: "amount",
    parameter: "amount_column",
    named: |source| &source.amount_column,
    known: &[],
    optional: true,
};
const ORDER: Role = Role {
    role: "order's id",
    parameter: "order_column",
    named: |source| &source.order_column,
    known: &[],
    optional: true,
};
const QUANTITY: Role = Role {
    role: "quantity",
    parameter: "quantity_column",
    named: |source| &source.quantity_column,
    known: &[],
    optional: true,
};

/// Names of columns that are likely to hold how many were bought.
const QUANTITY_NAMES: [&str; 14] = [
    "quantity",
    "qty",
    "units",
    "unit",
    "pieces",
    "pcs",
    "items",
    "menge",
    "anzahl",
    "stuck",
    "quantite",
    "cantidad",
    "quantita",
    "quantidade",
];
/// Words in the name of an amount that is a total already.
const TOTAL_WORDS: [&str; 8] = ["total", "sum", "revenue", "amount", "subtotal", "sales", "betrag", "umsatz"];

/// Where each column stands among those that are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    pub(crate) customer: usize,
    pub(crate) date: usize,
    pub(crate) amount: Option<usize>,
    pub(crate) order: Option<usize>,
    pub(crate) quantity: Option<usize>,
    /// The first column of the filter.
    pub(crate) filter: usize,
}

/// The places in a header of the columns that a source names, and what each of them is for.
pub(crate) fn locate(
    source: &Source,
    filter: Option<&Filter>,
    shown: &str,
    header: &[String],
) -> Result<(Vec<usize>, Roles), TableError> {
    let find = |role: &Role| role.find(source, shown, header);
    let need = |role: &Role| find(role)?.ok_or_else(|| role.unrecognised(shown, header));
    let mut places = vec![need(&CUSTOMER)?, need(&DATE)?];
    let mut roles = Roles { date: 1, ..Roles::default() };
    let mut add = |place: Option<usize>| {
        place.map(|place| {
            places.push(place);
            places.len() - 1
        })
    };
    roles.amount = add(find(&AMOUNT)?);
    roles.order = add(find(&ORDER)?);
    roles.quantity = add(find(&QUANTITY)?);
    roles.filter = places.len();
    for column in filter.into_iter().flat_map(Filter::columns) {
        places.push(one_named(column, "column of the filter", "filter", false, shown, header)?);
    }
    Ok((places, roles))
}

impl Role {
    fn find(&self, source: &Source, shown: &str, header: &[String]) -> Result<Option<usize>, TableError> {
        let named = (self.named)(source).trim();
        if named.is_empty() {
            return Ok(self.recognise(header));
        }
        one_named(named, self.role, self.parameter, self.optional, shown, header).map(Some)
    }

    fn recognise(&self, header: &[String]) -> Option<usize> {
        let names: Vec<String> = header.iter().map(|name| plain(name)).collect();
        self.known.iter().find_map(|known| names.iter().position(|name| name == known))
    }

    fn unrecognised(&self, shown: &str, header: &[String]) -> TableError {
        TableError::UnrecognisedColumn {
            shown: shown.to_owned(),
            role: self.role,
            parameter: self.parameter,
            columns: header.to_vec(),
        }
    }
}

fn one_named(
    named: &str,
    role: &'static str,
    parameter: &'static str,
    optional: bool,
    shown: &str,
    header: &[String],
) -> Result<usize, TableError> {
    let hits: Vec<usize> = (0..header.len()).filter(|&i| header[i] == named).collect();
    match hits[..] {
        [one] => Ok(one),
        [] => Err(TableError::MissingColumn {
            shown: shown.into(),
            column: named.into(),
            role,
            parameter,
            optional,
            columns: header.into(),
            suggested: closest(named, header).map(String::into_boxed_str),
            sheets: Box::default(),
        }),
        _ => Err(TableError::DoubleColumn {
            shown: shown.to_owned(),
            column: named.to_owned(),
            parameter,
            times: hits.len(),
        }),
    }
}

/// A name in small letters and digits only.
fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A column that looks like a quantity beside an amount that may be a price for one.
pub(crate) fn unused_quantity(source: &Source, header: &[String]) -> Option<String> {
    let amount = plain(&source.amount_column);
    if !source.quantity_column.is_empty()
        || amount.is_empty()
        || TOTAL_WORDS.iter().any(|word| amount.contains(word))
    {
        return None;
    }
    header.iter().find(|name| QUANTITY_NAMES.contains(&plain(name).as_str())).cloned()
}
