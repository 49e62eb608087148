//! The handle on a simulated account: requests of the contract, and the controls beside it.

use super::cache::ListCache;
use super::read_context::ReadContext;
use super::reads::answer;
use super::reject::json;
use super::scope::AccountScope;
use super::{Rejection, commands};
use crate::sim::{AccountIx, Actor, Command, CommandResult, Effects, Refusal, Sim};
use futures::future::LocalBoxFuture;
use mailgun_pools::transport::{Request, Response, Transport, TransportError};
use mailgun_pools::wire::{MatchedPath, Operation, PathError, pools};
use poolkeeper_core::health::Policy;
use serde_json::json;
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// What happened to the simulated account.
#[derive(Clone, Copy, Debug)]
pub enum SimulatorChange<'a> {
    /// A command was carried out.
    Applied {
        /// Who asked.
        actor: &'a Actor,
        /// What.
        command: &'a Command,
    },
    /// Another account took its place.
    Replaced,
}

/// Stores changes before they are answered.
pub trait ChangeJournal {
    /// Stores a change; `after` is the account with it.
    ///
    /// # Errors
    /// A [`Refusal`] when it can't be stored. The change is then not made.
    fn keep(&self, change: SimulatorChange<'_>, after: &Sim) -> Result<(), Refusal>;
}

type ChangeListener = Rc<dyn Fn(SimulatorChange<'_>, &Sim)>;

struct SimulatorState {
    /// Behind a pointer of its own, so that a reader keeps what it reads while a command makes the next state.
    sim: RefCell<Rc<Sim>>,
    revision: Cell<u64>,
    cache: RefCell<ListCache>,
    listeners: RefCell<Vec<(u64, ChangeListener)>>,
    last_listener: Cell<u64>,
    person: RefCell<String>,
    base_url: RefCell<String>,
    journal: RefCell<Option<Rc<dyn ChangeJournal>>>,
}

/// A simulated account that answers the contract. Clones share it.
#[derive(Clone)]
pub struct Simulator(Rc<SimulatorState>);

/// Listening ends when this is dropped.
#[must_use = "listening ends when this is dropped"]
pub struct Subscription {
    of: Weak<SimulatorState>,
    id: u64,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(inner) = self.of.upgrade() {
            inner.listeners.borrow_mut().retain(|(id, _)| *id != self.id);
        }
    }
}

impl Simulator {
    /// Takes an account. Changes through the contract are made by `you@juniper.example`, and links lead to
    /// `https://api.mailgun.net`, until told otherwise.
    #[must_use]
    pub fn new(sim: Sim) -> Self {
        Self(Rc::new(SimulatorState {
            sim: RefCell::new(Rc::new(sim)),
            revision: Cell::new(0),
            cache: RefCell::default(),
            listeners: RefCell::default(),
            last_listener: Cell::new(0),
            person: RefCell::new("you@juniper.example".to_owned()),
            base_url: RefCell::new("https://api.mailgun.net".to_owned()),
            journal: RefCell::default(),
        }))
    }

    /// Who history says made the changes that come through the contract.
    pub fn set_person(&self, email: &str) {
        email.clone_into(&mut self.0.person.borrow_mut());
    }

    /// What links between pages begin with, without a slash at the end.
    pub fn set_base_url(&self, base_url: &str) {
        base_url
            .trim_end_matches('/')
            .clone_into(&mut self.0.base_url.borrow_mut());
    }

    /// Stores each change in a journal from now on, before it is made.
    pub fn set_journal(&self, journal: Rc<dyn ChangeJournal>) {
        *self.0.journal.borrow_mut() = Some(journal);
    }

    fn journal(&self) -> Option<Rc<dyn ChangeJournal>> {
        self.0.journal.borrow().clone()
    }

    /// The account as it is now. It stays as it is while one looks; the next change makes another.
    #[must_use]
    pub fn sim(&self) -> Rc<Sim> {
        Rc::clone(&self.0.sim.borrow())
    }

    /// Counts the changes so far.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.0.revision.get()
    }

    /// Calls a listener after each change, with the account as it is then, until the subscription is dropped.
    pub fn subscribe(&self, listener: impl Fn(SimulatorChange<'_>, &Sim) + 'static) -> Subscription {
        let id = self.0.last_listener.get() + 1;
        self.0.last_listener.set(id);
        self.0.listeners.borrow_mut().push((id, Rc::new(listener)));
        Subscription {
            of: Rc::downgrade(&self.0),
            id,
        }
    }

    fn changed(&self, change: SimulatorChange<'_>) {
        self.0.revision.set(self.0.revision.get() + 1);
        self.0.cache.borrow_mut().clear();
        // A listener may ask for anything, further changes included, so nothing is borrowed while it runs.
        let sim = self.sim();
        let listeners: Vec<ChangeListener> = self
            .0
            .listeners
            .borrow()
            .iter()
            .map(|(_, listener)| Rc::clone(listener))
            .collect();
        for listener in listeners {
            listener(change, &sim);
        }
    }

    /// Puts another account in this one's place, as [`replace`](Self::replace) does, once the journal has stored it.
    ///
    /// # Errors
    /// A [`Refusal`] when it can't be stored; nothing has changed then.
    pub fn try_replace(&self, sim: Sim) -> Result<(), Refusal> {
        if let Some(journal) = self.journal() {
            journal.keep(SimulatorChange::Replaced, &sim)?;
        }
        self.replace(sim);
        Ok(())
    }

    /// Puts another account in this one's place: another scenario, a file, a reset. No journal is asked.
    pub fn replace(&self, sim: Sim) {
        *self.0.sim.borrow_mut() = Rc::new(sim);
        self.changed(SimulatorChange::Replaced);
    }

    /// Carries out a command for somebody.
    ///
    /// # Errors
    /// A [`Refusal`] when it breaks a rule or can't be stored; nothing has changed then.
    pub fn apply_as(&self, actor: &Actor, command: &Command) -> Result<CommandResult, Refusal> {
        let change = SimulatorChange::Applied { actor, command };
        let outcome = match self.journal() {
            None => Rc::make_mut(&mut self.0.sim.borrow_mut()).apply(actor, command)?,
            Some(journal) => {
                // On a copy, so that a change which can't be stored was never made.
                let mut after = Sim::clone(&self.sim());
                let outcome = after.apply(actor, command)?;
                journal.keep(change, &after)?;
                *self.0.sim.borrow_mut() = Rc::new(after);
                outcome
            }
        };
        self.changed(change);
        Ok(outcome)
    }

    /// Carries out a command for the parent account.
    ///
    /// # Errors
    /// A [`Refusal`] when it breaks a rule; nothing has changed then.
    pub fn apply(&self, command: &Command) -> Result<CommandResult, Refusal> {
        self.apply_as(&self.actor(AccountIx::PARENT), command)
    }

    /// Moves the clock on.
    ///
    /// # Errors
    /// A [`Refusal`] when the step is too long.
    pub fn advance(&self, seconds: u64) -> Result<CommandResult, Refusal> {
        self.apply(&Command::Advance { seconds })
    }

    /// Changes what health checks go by, from the next check on.
    ///
    /// # Errors
    /// A [`Refusal`] when the policy is not valid.
    pub fn set_policy(&self, policy: Policy) -> Result<CommandResult, Refusal> {
        self.apply(&Command::SetPolicy(policy))
    }

    /// What a request that changes something would do. It is tried on a copy.
    ///
    /// # Errors
    /// The [`Rejection`] the request would get, or one that says that the request changes nothing.
    pub fn dry_run(&self, request: &Request) -> Result<Effects, Rejection> {
        let sim = self.sim();
        let (found, scope) = understood(&sim, request)?;
        let Some(command) = commands::command(&found, request)? else {
            return Err(Rejection::Other(400, "This request only reads.".to_owned()));
        };
        Ok(sim.dry_run(&self.actor(scope.account), &command)?)
    }

    /// Carries out a request that changes something, as [`handle`](Self::handle) does.
    ///
    /// # Errors
    /// The [`Rejection`] that is its answer; nothing has changed then.
    pub fn change(&self, request: &Request) -> Result<(), Rejection> {
        self.answer(request).map(drop)
    }

    /// Answers a request of the contract.
    #[must_use]
    pub fn handle(&self, request: &Request) -> Response {
        self.answer(request).unwrap_or_else(|rejection| rejection.response())
    }

    fn answer(&self, request: &Request) -> Result<Response, Rejection> {
        let sim = self.sim();
        let (found, scope) = understood(&sim, request)?;
        let base_url = self.0.base_url.borrow().clone();
        let context = ReadContext {
            sim: &sim,
            scope,
            request,
            base_url: &base_url,
            cache: &self.0.cache,
        };
        if let Some(read) = answer(&found, &context) {
            return read;
        }
        let command = commands::command(&found, request)?;
        let command = command.ok_or_else(|| Rejection::UnknownPath(request.path.clone()))?;
        // Let go of the state before changing it: held, it would have to be copied.
        drop(sim);
        self.apply_as(&self.actor(scope.account), &command)?;
        Ok(granted(found.operation, &command))
    }

    fn actor(&self, account: AccountIx) -> Actor {
        Actor {
            account,
            by: self.0.person.borrow().clone(),
        }
    }

    /// The account as a transport for a client in the same process.
    #[must_use]
    pub fn transport(&self) -> Rc<dyn Transport> {
        Rc::new(EmbeddedTransport(self.clone()))
    }
}

fn understood(sim: &Sim, request: &Request) -> Result<(MatchedPath, AccountScope), Rejection> {
    let found = Operation::find(request.method, &request.path).map_err(|error| match error {
        PathError::UnknownPath => Rejection::UnknownPath(request.path.clone()),
        PathError::WrongMethod(allowed) => Rejection::WrongMethod(allowed),
    })?;
    let scope = AccountScope::of(sim, request.on_behalf_of.as_deref())?;
    Ok((found, scope))
}

/// What is said to a change that was made.
fn granted(operation: Operation, command: &Command) -> Response {
    match (operation, command) {
        (Operation::SetPools, Command::SetPools { good, poor, new }) => {
            let pools = poolkeeper_core::model::PoolIps {
                good_reputation: good.clone(),
                poor_reputation: poor.clone(),
                new_senders: new.clone(),
            };
            json(200, pools::encode_lists(&pools))
        }
        (Operation::EnrollAll, _) => json(200, json!({ "message": "started" })),
        _ => json(200, json!({ "message": "success" })),
    }
}

/// A simulator in the same process.
struct EmbeddedTransport(Simulator);

impl Transport for EmbeddedTransport {
    fn send(&self, request: Request) -> LocalBoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move { Ok(self.0.handle(&request)) })
    }
}
