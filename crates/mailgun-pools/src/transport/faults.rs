//! Simulates slow and failing networks, repeatable from a seed.

use super::{Body, Request, Response, Transport, TransportError};
use futures::future::LocalBoxFuture;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

/// Sleeps for the given milliseconds.
pub type Sleep = Rc<dyn Fn(u64) -> LocalBoxFuture<'static, ()>>;

/// A pseudo-random number generator (splitmix64).
struct SplitMix64(Cell<u64>);

impl SplitMix64 {
    /// A number below `end`, or 0 if `end` is 0.
    fn next_below(&self, end: u64) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.0.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)).checked_rem(end).unwrap_or_default()
    }
}

/// A transport with a random latency between two bounds.
pub struct Latency {
    inner: Rc<dyn Transport>,
    sleep: Sleep,
    bounds_ms: Rc<Cell<(u64, u64)>>,
    random: SplitMix64,
}

impl Latency {
    /// Decorates a transport. The bounds may be changed while it runs; (0, 0) adds nothing.
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, sleep: Sleep, bounds_ms: Rc<Cell<(u64, u64)>>, seed: u64) -> Self {
        Self {
            inner,
            sleep,
            bounds_ms,
            random: SplitMix64(Cell::new(seed)),
        }
    }
}

impl Transport for Latency {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let (min_ms, max_ms) = self.bounds_ms.get();
            let wait_ms = min_ms + self.random.next_below(max_ms.saturating_sub(min_ms).saturating_add(1));
            if wait_ms > 0 {
                (self.sleep)(wait_ms).await;
            }
            self.inner.send(request).await
        })
    }
}

/// A way in which an exchange can fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The browser is offline.
    Offline,
    /// No connection; the request did not arrive.
    Unreachable,
    /// No answer in time; the request did arrive.
    TimedOut,
    /// The connection broke off after the request arrived.
    Reset,
    /// A status with the service's usual body.
    Status(u16),
    /// 429 with a header that says when to try again.
    RateLimited(&'static str, String),
    /// 502 with a gateway's web page.
    GatewayPage,
    /// A success with a web page instead of JSON, as a proxy or a login page sends it.
    LoginPage,
    /// A success with half of its JSON.
    Malformed,
    /// A success with JSON of another shape.
    Unexpected,
    /// No answer and no error, forever.
    Hang,
}

impl Fault {
    /// Faults of a bad network, chosen at random.
    pub const BY_CHANCE: [Self; 6] = [
        Self::Unreachable,
        Self::TimedOut,
        Self::Reset,
        Self::Status(500),
        Self::Status(503),
        Self::GatewayPage,
    ];

    /// Whether the request reached the service before it failed.
    #[must_use]
    pub const fn reaches_service(&self) -> bool {
        matches!(
            self,
            Self::TimedOut | Self::Reset | Self::GatewayPage | Self::Malformed | Self::Unexpected | Self::Hang
        )
    }
}

#[derive(Default)]
struct FaultSchedule {
    rate_ppm: u32,
    next: VecDeque<Option<Fault>>,
}

/// Decides which exchanges fail. Clones share it.
#[derive(Clone, Default)]
pub struct FaultPlan(Rc<RefCell<FaultSchedule>>);

impl FaultPlan {
    /// Lets this share of exchanges fail at random, by a fault of [`Fault::BY_CHANCE`].
    pub fn set_rate_ppm(&self, rate_ppm: u32) {
        self.0.borrow_mut().rate_ppm = rate_ppm;
    }

    /// Queues a fault for one exchange, or a success for `None`.
    pub fn push(&self, fault: Option<Fault>) {
        self.0.borrow_mut().next.push_back(fault);
    }

    fn next_fault(&self, random: &SplitMix64) -> Option<Fault> {
        let mut plan = self.0.borrow_mut();
        if let Some(planned) = plan.next.pop_front() {
            return planned;
        }
        if random.next_below(1_000_000) >= u64::from(plan.rate_ppm) {
            return None;
        }
        let kinds = Fault::BY_CHANCE.len() as u64;
        usize::try_from(random.next_below(kinds))
            .ok()
            .and_then(|at| Fault::BY_CHANCE.get(at).cloned())
    }
}

/// A transport that fails as planned or at random.
pub struct Faults {
    inner: Rc<dyn Transport>,
    plan: FaultPlan,
    random: SplitMix64,
}

impl Faults {
    /// Decorates a transport; `seed` makes random faults repeatable.
    #[must_use]
    pub fn new(inner: Rc<dyn Transport>, plan: FaultPlan, seed: u64) -> Self {
        Self {
            inner,
            plan,
            random: SplitMix64(Cell::new(seed)),
        }
    }

    async fn fail(&self, fault: Fault, request: Request) -> Result<Response, TransportError> {
        let answer = if fault.reaches_service() {
            Some(self.inner.send(request).await?)
        } else {
            None
        };
        let failed = |status: u16, body: Body| Response {
            status,
            headers: Vec::new(),
            body,
        };
        let message_body = |message: &str| Body::Json(json!({ "message": message }));
        match fault {
            Fault::Offline => Err(TransportError::Offline),
            Fault::Unreachable => Err(TransportError::Unreachable(
                "connection refused (made to fail)".to_owned(),
            )),
            Fault::TimedOut => Err(TransportError::TimedOut(30_000)),
            Fault::Reset => Err(TransportError::Broken("connection reset (made to fail)".to_owned())),
            Fault::Hang => futures::future::pending().await,
            Fault::Status(status) => Ok(failed(status, message_body("made to fail"))),
            Fault::RateLimited(header, value) => {
                let headers = vec![
                    (header.to_owned(), value),
                    ("x-ratelimit-remaining".to_owned(), "0".to_owned()),
                ];
                Ok(Response {
                    headers,
                    ..failed(429, message_body("too many requests (made to fail)"))
                })
            }
            Fault::GatewayPage => {
                let page = "<html><head><title>502 Bad Gateway</title></head><body>made to fail</body></html>";
                Ok(failed(502, Body::Text(page.to_owned())))
            }
            Fault::LoginPage => {
                let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>made to fail</body></html>";
                Ok(failed(200, Body::Text(page.to_owned())))
            }
            Fault::Malformed => {
                let whole = match answer.map(|answer| answer.body) {
                    Some(Body::Json(json)) => json.to_string(),
                    _ => "{\"message\": \"success\"}".to_owned(),
                };
                let half = super::log::prefix(&whole, whole.len() / 2);
                Ok(failed(200, Body::Text(half.to_owned())))
            }
            Fault::Unexpected => Ok(failed(
                200,
                Body::Json(json!({ "items": 7, "pools": "none", "pool": [] })),
            )),
        }
    }
}

impl Transport for Faults {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            match self.plan.next_fault(&self.random) {
                Some(fault) => self.fail(fault, request).await,
                None => self.inner.send(request).await,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Method;
    use futures::FutureExt;

    /// Counts the requests that arrive.
    #[derive(Default)]
    struct CountingTransport(Cell<u32>);

    impl Transport for CountingTransport {
        fn send(&self, _: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
            self.0.set(self.0.get() + 1);
            Box::pin(async {
                Ok(Response {
                    status: 200,
                    headers: Vec::new(),
                    body: Body::Empty,
                })
            })
        }
    }

    fn statuses(rate_ppm: u32, seed: u64) -> (Vec<Option<u16>>, u32) {
        let counter = Rc::new(CountingTransport::default());
        let plan = FaultPlan::default();
        plan.set_rate_ppm(rate_ppm);
        let faults = Faults::new(Rc::clone(&counter) as _, plan, seed);
        let send = |_| {
            faults
                .send(Request::new(Method::Get, "/v3/ips"))
                .now_or_never()
                .unwrap()
        };
        let statuses = (0..1_000)
            .map(send)
            .map(|answer| answer.ok().map(|response| response.status));
        (statuses.collect(), counter.0.get())
    }

    #[test]
    fn chance_keeps_to_its_rate_and_its_seed() {
        let failures = |rate| {
            statuses(rate, 1)
                .0
                .iter()
                .filter(|status| **status != Some(200))
                .count()
        };
        assert_eq!((failures(0), failures(1_000_000)), (0, 1_000));
        assert!((150..=250).contains(&failures(200_000)), "{}", failures(200_000));
        assert_eq!(statuses(200_000, 1), statuses(200_000, 1));
        assert_ne!(statuses(200_000, 1), statuses(200_000, 2));
    }

    #[test]
    fn planned_faults_come_in_order_and_arrive_as_they_say() {
        let counter = Rc::new(CountingTransport::default());
        let plan = FaultPlan::default();
        let faults = Faults::new(Rc::clone(&counter) as _, plan.clone(), 1);
        let planned = [
            (Some(Fault::Offline), Err(TransportError::Offline), 0),
            (None, Ok(200), 1),
            (
                Some(Fault::Reset),
                Err(TransportError::Broken("connection reset (made to fail)".to_owned())),
                2,
            ),
            (Some(Fault::RateLimited("retry-after", "3".to_owned())), Ok(429), 2),
            (Some(Fault::GatewayPage), Ok(502), 3),
        ];
        for (fault, _, _) in &planned {
            plan.push(fault.clone());
        }
        for (fault, expected, arrived) in planned {
            let answer = faults
                .send(Request::new(Method::Put, "/v3/ips"))
                .now_or_never()
                .unwrap();
            assert_eq!(answer.map(|response| response.status), expected, "{fault:?}");
            assert_eq!(counter.0.get(), arrived, "{fault:?}");
        }
        plan.push(Some(Fault::Hang));
        assert!(
            faults
                .send(Request::new(Method::Get, "/v3/ips"))
                .now_or_never()
                .is_none()
        );
    }

    #[test]
    fn latency_sleeps_within_its_bounds() {
        let slept = Rc::new(RefCell::new(Vec::new()));
        let recorded = Rc::clone(&slept);
        let sleep: Sleep = Rc::new(move |ms| {
            recorded.borrow_mut().push(ms);
            Box::pin(async {})
        });
        let bounds = Rc::new(Cell::new((100, 300)));
        let slow = Latency::new(Rc::new(CountingTransport::default()), sleep, Rc::clone(&bounds), 1);
        let send = || {
            slow.send(Request::new(Method::Get, "/v3/ips"))
                .now_or_never()
                .unwrap()
                .unwrap()
        };
        for _ in 0..50 {
            send();
        }
        bounds.set((0, 0));
        send();
        let slept = slept.borrow();
        assert!(
            slept.len() == 50 && slept.iter().all(|ms| (100..=300).contains(ms)),
            "{slept:?}"
        );
        assert!(slept.iter().min() != slept.iter().max());
    }
}
