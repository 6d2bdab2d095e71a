//! The papers that the pages cite.

/// The paper of a purchase model by the model's name; empty for one that is not listed here.
pub(crate) fn of(model: &str) -> &'static str {
    match model {
        "BG/NBD" => "Fader, Hardie and Lee 2005",
        "MBG/NBD" => "Batislam, Denizel and Filiztekin 2007",
        // The Exponential/NBD is the Pareto/NBD with one dropout rate for all customers.
        "Pareto/NBD" | "Exponential/NBD" => "Schmittlein, Morrison and Colombo 1987",
        "NBD" => "Ehrenberg 1959",
        "BG/CNBD-k" | "MBG/CNBD-k" => "Reutterer, Platzer and Schröder 2021",
        "GGompertz/NBD" => "Bemmaor and Glady 2012",
        _ => "",
    }
}
