//! Settings other than purchases at any time: contracts that are renewed, and given opportunities.

mod contract_fits;
mod contracts;
mod opportunities;

pub use contract_fits::{CONTRACT_MODELS, ContractFit, ContractFits, ContractValue, ContractValues};
pub use contracts::{ContractInput, Contracts, load_contracts};
pub use opportunities::{
    Opportunities, OpportunityInput, OpportunityScore, OpportunityScores, load_opportunities,
};
