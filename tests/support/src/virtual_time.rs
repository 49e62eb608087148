//! A clock that moves only while everything waits: minutes of waiting take no time, and always the same.

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::LocalBoxFuture;
use futures::task::noop_waker;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Who sleeps, by the time to wake at and the order of going to sleep.
type Sleepers = BTreeMap<(u64, u64), oneshot::Sender<()>>;

/// The clock. Clones share it.
#[derive(Clone, Default)]
pub struct VirtualTime {
    now_ms: Rc<Cell<u64>>,
    /// Sleepers by the end of their sleep, and then by when they began it.
    sleepers: Rc<RefCell<Sleepers>>,
    begun: Rc<Cell<u64>>,
}

impl VirtualTime {
    /// Milliseconds since the start.
    #[must_use]
    pub fn now_ms(&self) -> u64 {
        self.now_ms.get()
    }

    /// The start is the second a million, so that it is no end of an hour.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000_000, 0).unwrap() + TimeDelta::milliseconds(self.now_ms().try_into().unwrap())
    }

    /// Sleeps.
    pub fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        let (wake, woken) = oneshot::channel();
        let number = self.begun.replace(self.begun.get() + 1);
        self.sleepers.borrow_mut().insert((self.now_ms() + ms, number), wake);
        woken.map(|_| ()).boxed_local()
    }

    /// Runs work to its end; the clock jumps to the end of the next sleep whenever the work waits.
    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        let waker = noop_waker();
        let mut context = Context::from_waker(&waker);
        loop {
            if let Poll::Ready(result) = work.as_mut().poll(&mut context) {
                return result;
            }
            let ((at_ms, _), wake) = self.sleepers.borrow_mut().pop_first().expect("work waits for nothing");
            self.now_ms.set(at_ms);
            // Who was cancelled does not listen.
            let _ = wake.send(());
        }
    }
}
