//! Settings other than purchases at any time: contracts that are renewed, and given opportunities.

mod contracts;
mod opportunities;

pub use contracts::{
    CONTRACT_MODELS, ContractFit, ContractFits, ContractInput, ContractValue, ContractValues, Contracts,
    load_contracts,
};
pub use opportunities::{
    Opportunities, OpportunityInput, OpportunityScore, OpportunityScores, load_opportunities,
};
