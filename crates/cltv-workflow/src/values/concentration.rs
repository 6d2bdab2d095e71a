//! How concentrated an amount is over customers.

/// The Gini coefficient and the share of the top 20%.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Concentration {
    /// 0 when all customers have the same amount, towards 1 when one customer has everything.
    pub gini: f64,
    /// The share of the amount that the top 20% of the customers have, between 0 and 1.
    pub top_20_share: f64,
}

impl Concentration {
    /// The concentration of amounts from 0 on: `gini = sum((2i − n − 1) x_i) / (n sum(x))` with the amounts
    /// in rising order, and the Lorenz curve at 20% of the customers, linear between two customers.
    ///
    /// Without customers, or where all amounts are 0, nothing is concentrated: a Gini of 0 and a share of
    /// 20%.
    ///
    /// # Examples
    /// ```
    /// use cltv_workflow::Concentration;
    /// let found = Concentration::of(vec![0.0, 0.0, 0.0, 0.0, 10.0]);
    /// assert_eq!(found.top_20_share, 1.0);
    /// assert!((found.gini - 0.8).abs() < 1e-12);
    /// assert_eq!(Concentration::of(vec![0.0; 5]), Concentration { gini: 0.0, top_20_share: 0.2 });
    /// ```
    pub fn of(mut amounts: Vec<f64>) -> Concentration {
        // From the largest on; sums in this order do not depend on the order of the rows.
        amounts.sort_by(|a, b| b.total_cmp(a));
        let n = amounts.len() as f64;
        let total: f64 = amounts.iter().sum();
        if total <= 0.0 {
            return Concentration { gini: 0.0, top_20_share: 0.2 };
        }
        let ranked: f64 = amounts.iter().zip(0u32..).map(|(x, at)| (n - 1.0 - 2.0 * f64::from(at)) * x).sum();
        let place = 0.2 * n;
        let whole = place.floor() as usize;
        let part = amounts.get(whole).map_or(0.0, |next| place.fract() * next);
        let top: f64 = amounts[..whole].iter().sum::<f64>() + part;
        Concentration { gini: ranked / (n * total), top_20_share: top / total }
    }
}
