//! Files to typed columns: one reader and one set of rules for every table.
