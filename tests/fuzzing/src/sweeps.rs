//! Any bytes are a table, a policy and two axes; every path of the sweep must agree with the naive model on them.

use arbitrary::Unstructured;
use poolkeeper_test_support::sweep_case::{case, check};

pub fn sweep(bytes: &[u8]) {
    let case = case(&mut Unstructured::new(bytes));
    if let Err(difference) = check(&case) {
        panic!("{difference}\n{case:#?}");
    }
}
