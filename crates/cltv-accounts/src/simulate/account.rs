//! One simulated account.

use super::draws::Draws;
use super::sheet::MONTHS;

const REGIONS: [&str; 4] = ["North", "South", "East", "West"];
const REGION_WEIGHTS: [f64; 4] = [0.31, 0.27, 0.18, 0.24];

/// A channel: name, share of accounts, effect on the logarithm of spending, median cost of an account.
const CHANNELS: [(&str, f64, f64, f64); 6] = [
    ("Organic", 0.26, 0.10, 190.0),
    ("Referral", 0.16, 0.25, 260.0),
    ("Paid search", 0.22, 0.00, 700.0),
    ("Paid social", 0.18, -0.35, 1150.0),
    ("Events", 0.08, 0.10, 5600.0),
    ("Partner", 0.10, 0.20, 950.0),
];

/// A plan: name, monthly price, and the quantile of the standard normal up to which it is taken.
const PLANS: [(&str, f64, f64); 4] = [
    ("Basic", 45.0, 0.1),
    ("Standard", 95.0, 1.0),
    ("Premium", 240.0, 1.8),
    ("Enterprise", 760.0, f64::INFINITY),
];

const PRODUCT_WEIGHTS: [f64; 5] = [0.45, 0.27, 0.15, 0.08, 0.05];
/// The common season from January to December; its mean is 1.
const SEASON: [f64; 12] = [0.92, 0.86, 0.96, 0.99, 1.02, 1.03, 0.94, 0.90, 1.00, 1.06, 1.11, 1.21];

const FIRST_WORDS: [&str; 16] = [
    "Amber",
    "Birch",
    "Cedar",
    "Delta",
    "Ember",
    "Falcon",
    "Granite",
    "Harbor",
    "Indigo",
    "Juniper",
    "Keystone",
    "Lumen",
    "Meridian",
    "Northgate",
    "Orchard",
    "Pioneer",
];
const SECOND_WORDS: [&str; 14] = [
    "Analytics",
    "Bakery",
    "Clinics",
    "Design",
    "Energy",
    "Foods",
    "Garage",
    "Homes",
    "Instruments",
    "Labs",
    "Logistics",
    "Media",
    "Outfitters",
    "Studios",
];
const FORMS: [&str; 4] = ["Ltd", "LLC", "Inc", "GmbH"];

/// Contribution margin of spending, and what an account costs to serve a month.
const MARGIN: f64 = 0.62;
const SERVICE: f64 = 4.0;

pub(crate) struct SimulatedAccount {
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) region: &'static str,
    pub(crate) channel: &'static str,
    pub(crate) plan: &'static str,
    pub(crate) income: f64,
    pub(crate) tenure: u32,
    pub(crate) products: u32,
    pub(crate) engagement: f64,
    pub(crate) discount: f64,
    pub(crate) acquisition_cost: f64,
    pub(crate) churned: bool,
    /// Whole amounts; `None` before the account's start.
    pub(crate) expenses: Vec<Option<f64>>,
    pub(crate) realised_value: f64,
}

impl SimulatedAccount {
    pub(crate) fn draw(draws: &mut Draws, i: usize) -> Self {
        let wealth = draws.normal();
        let (channel, _, quality, cost) = CHANNELS[draws.among(&CHANNELS.map(|channel| channel.1))];
        let rank = draws.normal() + 0.24 * wealth;
        let (plan, price, _) = PLANS[PLANS.iter().position(|plan| rank < plan.2).unwrap_or(3)];
        let products = 1 + draws.among(&PRODUCT_WEIGHTS) as u32;
        let engagement = 100.0 / (1.0 + (-(0.3 + 0.9 * draws.normal())).exp());
        let tenure = (4.0 - 34.0 * (1.0 - draws.uniform()).ln()).min(120.0) as u32;
        let discount = if draws.happens(0.45) { 0.0 } else { 0.05 * (1 + draws.below(6)) as f64 };
        let effects =
            quality + 0.3 * f64::from(products).ln() + 0.4 * (engagement - 50.0) / 50.0 + 0.16 * wealth;
        let level = draws.around(price * effects.exp() * (1.0 - discount), 0.5);
        let active = (tenure as usize).min(MONTHS);
        let spending = Spending::draw(draws, level, engagement, MONTHS - active);
        let before = f64::from(tenure) - active as f64;
        let past = before * draws.around(0.9 * level, 0.2);
        let seen: f64 = spending.months.iter().flatten().sum();
        let served = before + spending.months.iter().flatten().filter(|&&spent| spent > 0.0).count() as f64;
        let margin = MARGIN + 0.05 * draws.normal();
        Self {
            number: i + 1,
            name: format!(
                "{} {} {}",
                FIRST_WORDS[draws.below(FIRST_WORDS.len())],
                SECOND_WORDS[draws.below(SECOND_WORDS.len())],
                FORMS[draws.below(FORMS.len())]
            ),
            region: REGIONS[draws.among(&REGION_WEIGHTS)],
            channel,
            plan,
            income: 100.0 * (520.0 * (0.45 * wealth).exp()).round(),
            tenure,
            products,
            engagement: (10.0 * engagement).round() / 10.0,
            discount: (100.0 * discount).round() / 100.0,
            acquisition_cost: draws.around(cost, 0.35).round(),
            churned: spending.ended,
            expenses: spending.months,
            realised_value: (margin * (past + seen) - SERVICE * served).round(),
        }
    }
}

/// The months of an account, and whether it has left by the last.
struct Spending {
    months: Vec<Option<f64>>,
    ended: bool,
}

impl Spending {
    fn draw(draws: &mut Draws, level: f64, engagement: f64, start: usize) -> Self {
        let growth = 0.003 + 0.006 * draws.normal();
        let amplitude = draws.around(1.0, 0.25);
        let noise = if draws.happens(0.06) { 0.55 } else { 0.09 + 0.07 * draws.uniform() };
        let decay_from = if draws.happens(0.07) { 8 + draws.below(15) } else { MONTHS };
        let leaving = 0.0035 * ((50.0 - engagement) / 30.0).exp();
        let (mut walk, mut ended, mut months) = (0.0, false, Vec::with_capacity(MONTHS));
        for t in 0..MONTHS {
            // Every month takes the same draws, so that one account's fate does not move the next's.
            let (step, shock, leaves) = (draws.normal(), draws.normal(), draws.happens(leaving));
            if t < start {
                months.push(None);
                continue;
            }
            walk += 0.025 * step;
            let decay = 0.72_f64.powi((t + 1).saturating_sub(decay_from) as i32);
            ended = ended || (leaves && t > start + 2) || decay < 0.04;
            let season = SEASON[t % 12].powf(amplitude);
            let spent = level
                * (1.0 + growth * t as f64)
                * season
                * (walk + noise * shock - noise * noise / 2.0).exp();
            months.push(Some(if ended { 0.0 } else { (spent * decay).round() }));
        }
        Self { months, ended }
    }
}
