//! Charts by their JSON: titles, axes, traces, and that they show exactly the values they return.

mod accounts;
mod every;
mod inputs;
mod large;
mod models;
mod own;
mod purchases;
mod values;
