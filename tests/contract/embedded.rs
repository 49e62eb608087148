//! The suite over the simulator in the same process.

use crate::suite::{self, Harness};
use futures::FutureExt;
use poolkeeper::ingest::{Ingest, Limits};
use poolkeeper::server::Simulator;
use poolkeeper::sim::Sim;
use poolkeeper::transport::Transport;
use std::rc::Rc;
use std::sync::Arc;

pub struct Embedded(pub Simulator);

impl Embedded {
    pub fn fresh() -> Self {
        let mut ingest = Ingest::new(Limits::default());
        ingest.feed(suite::KNOWN_CSV.as_bytes()).unwrap();
        let table = ingest.finish().unwrap().table;
        Self(Simulator::new(Sim::from_table(Arc::new(table), "known.csv")))
    }
}

impl Harness for Embedded {
    fn transport(&self) -> Rc<dyn Transport> {
        self.0.transport()
    }

    async fn advance(&self, seconds: u64) {
        self.0.advance(seconds).unwrap();
    }
}

macro_rules! embedded {
    ($module:ident, $case:ident) => {
        mod $case {
            #[test]
            fn $module() {
                let harness = super::Embedded::fresh();
                super::run(crate::suite::$module::$case(&harness));
            }
        }
    };
}

/// The simulator never waits, so a case is over at its first poll.
fn run(case: impl Future<Output = ()>) {
    case.now_or_never().expect("the simulator answers at once");
}

crate::each_case!(embedded);
