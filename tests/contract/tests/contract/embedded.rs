//! The suite over the simulator in the same process. Every answer is checked against the description as well.

use crate::openapi::ApiDescription;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use poolkeeper_contract_suite::{self, Harness};
use poolkeeper_ingest::{ImportLimits, Ingest};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::Sim;
use std::rc::Rc;
use std::sync::Arc;

pub struct Embedded(pub Simulator);

impl Embedded {
    pub fn fresh() -> Self {
        let mut ingest = Ingest::new(ImportLimits::default());
        ingest.feed(poolkeeper_contract_suite::KNOWN_CSV.as_bytes()).unwrap();
        let table = ingest.finish().unwrap().table;
        Self(Simulator::new(Sim::from_table(Arc::new(table), "known.csv")))
    }
}

impl Harness for Embedded {
    fn transport(&self) -> Rc<dyn Transport> {
        Rc::new(DescribedAnswers {
            inner: self.0.transport(),
            api: ApiDescription::read(),
        })
    }

    async fn advance(&self, seconds: u64) {
        self.0.advance(seconds).unwrap();
    }
}

/// Stops at an answer that is not as described.
struct DescribedAnswers {
    inner: Rc<dyn Transport>,
    api: ApiDescription,
}

impl Transport for DescribedAnswers {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let answer = self.inner.send(request.clone()).await?;
            let problems = self.api.answer_problems(&request, &answer);
            assert!(
                problems.is_empty(),
                "{request:?}: {answer:?} is not as described: {problems:#?}"
            );
            Ok(answer)
        })
    }
}

macro_rules! embedded {
    ($module:ident, $case:ident) => {
        mod $case {
            #[test]
            fn $module() {
                let harness = super::Embedded::fresh();
                super::run(poolkeeper_contract_suite::$module::$case(&harness));
            }
        }
    };
}

/// The simulator never waits, so a case is over at its first poll.
fn run(case: impl Future<Output = ()>) {
    case.now_or_never().expect("the simulator answers at once");
}

poolkeeper_contract_suite::each_case!(embedded);
