//! Changes of the pools' IPs before they are sent: their requests, what takes each back, and their words. Pure.

use crate::change::{ChangeStep, Proposal};
use mailgun_pools::api::Write;
use poolkeeper_core::model::{Band, Ip, PoolIps, Pools};
use poolkeeper_core::text;

/// A change of one pool's IPs, or of an IP's pool, in the making.
#[derive(Clone, Debug, PartialEq)]
pub struct PoolChange {
    /// Which change.
    pub kind: PoolChangeKind,
    /// The pool that changes, or where a moved IP goes.
    pub pool: Band,
    /// IPs that join it.
    pub add: Vec<Ip>,
    /// IPs that leave it.
    pub remove: Vec<Ip>,
}

/// The changes of pools that there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolChangeKind {
    /// Both lists of one pool.
    Edit,
    /// One IP from this pool to another.
    Move(Band),
    /// One free IP into a pool that is still to be chosen.
    Add,
    /// The end of an IP's warm-up.
    EndWarmUp,
}

impl PoolChange {
    /// Any change of one pool.
    #[must_use]
    pub const fn of(pool: Band) -> Self {
        Self {
            kind: PoolChangeKind::Edit,
            pool,
            add: Vec::new(),
            remove: Vec::new(),
        }
    }

    /// Taking one IP out.
    #[must_use]
    pub fn removing(pool: Band, ip: Ip) -> Self {
        Self {
            remove: vec![ip],
            ..Self::of(pool)
        }
    }

    /// One IP from a pool to another.
    #[must_use]
    pub fn moving(from: Band, ip: Ip) -> Self {
        let pool = Band::ALL.into_iter().find(|band| *band != from).unwrap_or(from);
        Self {
            kind: PoolChangeKind::Move(from),
            add: vec![ip],
            ..Self::of(pool)
        }
    }

    /// A free IP into a pool.
    #[must_use]
    pub fn adding(ip: Ip) -> Self {
        Self {
            kind: PoolChangeKind::Add,
            add: vec![ip],
            ..Self::of(Band::Good)
        }
    }

    /// The end of an IP's warm-up; no pool changes.
    #[must_use]
    pub fn ending_warm_up(ip: Ip) -> Self {
        Self {
            kind: PoolChangeKind::EndWarmUp,
            add: vec![ip],
            ..Self::of(Band::Good)
        }
    }

    /// A dialog's heading.
    #[must_use]
    pub fn title(&self) -> String {
        let first = self.add.first().map(ToString::to_string).unwrap_or_default();
        match self.kind {
            PoolChangeKind::Edit => format!("Add or remove IPs of {}", self.pool.pool_name()),
            PoolChangeKind::Move(from) => format!("Move {first} out of {}", from.pool_name()),
            PoolChangeKind::Add => format!("Add {first} to a pool"),
            PoolChangeKind::EndWarmUp => format!("End the warm-up of {first}"),
        }
    }

    /// The change as it would be sent; `None` while nothing changes.
    #[must_use]
    pub fn proposal(&self) -> Option<Proposal> {
        if self.add.is_empty() && self.remove.is_empty() {
            return None;
        }
        let step = |pool: Band, add: &[Ip], remove: &[Ip]| {
            let change = |add: &[Ip], remove: &[Ip]| match (add, remove) {
                // It has a request of its own; the one for both lists is said to want both.
                ([ip], []) => Write::AddIp {
                    pool: pool.into(),
                    ip: ip.clone(),
                },
                _ => Write::ChangePool {
                    pool: pool.into(),
                    add: add.to_vec(),
                    remove: remove.to_vec(),
                },
            };
            ChangeStep::from(change(add, remove)).undone_by(change(remove, add))
        };
        let steps = match self.kind {
            PoolChangeKind::EndWarmUp => {
                let end = |ip: &Ip| ChangeStep::from(Write::CancelWarmUp { ip: ip.clone() });
                self.add.iter().map(end).collect()
            }
            // Out first: no IP may be in two pools, not even for a moment.
            PoolChangeKind::Move(from) => vec![step(from, &[], &self.add), step(self.pool, &self.add, &[])],
            PoolChangeKind::Edit | PoolChangeKind::Add => vec![step(self.pool, &self.add, &self.remove)],
        };
        Some(Proposal {
            steps,
            confirm: self.confirm(),
            // It can't be taken back: a new warm-up begins at its first stage.
            type_to_confirm: self
                .add
                .first()
                .filter(|_| self.kind == PoolChangeKind::EndWarmUp)
                .map(ToString::to_string),
            done: self.done(),
            ..Proposal::default()
        })
    }

    fn confirm(&self) -> String {
        match self.kind {
            PoolChangeKind::Move(_) => format!("Move to {}", self.pool.word()),
            PoolChangeKind::Add => format!("Add to {}", self.pool.word()),
            PoolChangeKind::EndWarmUp => "End warm-up".to_owned(),
            PoolChangeKind::Edit => match (self.add.len() as u64, self.remove.len() as u64) {
                (0, removed) => format!("Remove {}", text::counted(removed, "IP")),
                (added, 0) => format!("Add {}", text::counted(added, "IP")),
                (added, removed) => format!("Add {added}, remove {removed}"),
            },
        }
    }

    fn done(&self) -> String {
        let names = |ips: &[Ip]| text::listed(&ips.iter().map(ToString::to_string).collect::<Vec<_>>(), 3);
        let pool = self.pool.pool_name();
        if self.kind == PoolChangeKind::EndWarmUp {
            return format!("The warm-up of {} has ended", names(&self.add));
        }
        match (self.add.is_empty(), self.remove.is_empty()) {
            (false, true) => format!("{} now in {pool}", names(&self.add)),
            (true, _) => format!("{} removed from {pool}", names(&self.remove)),
            (false, false) => format!("{} added to {pool}, {} removed", names(&self.add), names(&self.remove)),
        }
    }
}

/// Sets all three pools, whatever they hold `before`. `None` until each has an IP: the request needs all three.
#[must_use]
pub fn set_pools(pools: PoolIps, before: &Pools) -> Option<Proposal> {
    if Band::ALL.into_iter().any(|band| pools.of(band).is_empty()) {
        return None;
    }
    let was_configured = before.is_configured();
    let mut held = PoolIps::default();
    for band in Band::ALL {
        let ips = before.of(band).map(|pool| pool.ips.clone());
        *held.of_mut(band) = ips.unwrap_or_default();
    }
    let (confirm, undo) = if was_configured {
        ("Replace all pools", Write::SetPools(held))
    } else {
        ("Set up pools", Write::RemovePools)
    };
    Some(Proposal {
        steps: vec![ChangeStep::from(Write::SetPools(pools)).undone_by(undo)],
        confirm: confirm.to_owned(),
        type_to_confirm: was_configured.then(|| "replace all pools".to_owned()),
        done: "All three pools are set".to_owned(),
        ..Proposal::default()
    })
}

/// Removes all three pools.
#[must_use]
pub fn remove_pools() -> Proposal {
    Proposal {
        steps: vec![Write::RemovePools.into()],
        confirm: "Remove all pools".to_owned(),
        type_to_confirm: Some("remove all pools".to_owned()),
        done: "All three dynamic pools are removed".to_owned(),
        ..Proposal::default()
    }
}
