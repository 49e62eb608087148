//! One policy being edited.

use crate::pages::what_if::state::WhatIfState;
use leptos::prelude::*;
use poolkeeper_core::health::{Policy, PolicyParam};
use poolkeeper_lab::Side;
use poolkeeper_view::url_state::parameters;

/// The policy and what was typed for it. `Copy`.
#[derive(Clone, Copy)]
pub(crate) struct PolicyEditor {
    study: WhatIfState,
    side: Side,
    pub(crate) policy: Memo<Policy>,
    /// The entries that were not valid, as they were typed.
    invalid: RwSignal<Vec<(PolicyParam, String)>>,
}

impl PolicyEditor {
    /// The editor of A or B.
    #[must_use]
    pub(crate) fn new(study: WhatIfState, side: Side) -> Self {
        Self {
            study,
            side,
            policy: match side {
                Side::A => study.a,
                Side::B => study.b,
            },
            invalid: RwSignal::default(),
        }
    }

    /// `A` or `B`.
    #[must_use]
    pub(crate) const fn name(&self) -> &'static str {
        match self.side {
            Side::A => "A",
            Side::B => "B",
        }
    }

    /// What was typed for a number and is not valid, and why. Reactive.
    #[must_use]
    pub(crate) fn problem(&self, param: PolicyParam) -> Option<(String, String)> {
        let entries = self.invalid.get();
        let (_, typed) = entries.into_iter().find(|(known, _)| *known == param)?;
        let why = self
            .policy
            .with(|policy| parameters::typed(param, policy, &typed).err())?;
        Some((typed, why))
    }

    /// Takes what was typed for a number; `false` when it is not valid.
    pub(crate) fn enter(&self, param: PolicyParam, typed: String) -> bool {
        self.invalid
            .update(|entries| entries.retain(|(known, _)| *known != param));
        let entered = self
            .policy
            .with_untracked(|policy| parameters::typed(param, policy, &typed));
        match entered {
            Ok(policy) => {
                self.set(policy);
                true
            }
            Err(_) => {
                self.invalid.update(|entries| entries.push((param, typed)));
                false
            }
        }
    }

    /// Sets the policy. Takes the entries that become valid with it.
    pub(crate) fn set(&self, mut policy: Policy) {
        let before = self.policy.get_untracked();
        self.invalid.update(|entries| {
            // One that is valid already is shown no longer.
            entries.retain(|(param, typed)| parameters::typed(*param, &before, typed).is_err());
            entries.retain(|(param, typed)| {
                let taken = parameters::typed(*param, &policy, typed).map(|taken| policy = taken);
                taken.is_err()
            });
        });
        self.put(policy);
    }

    /// Puts another policy in its place and drops what was typed.
    pub(crate) fn replace(&self, policy: Policy) {
        self.invalid.set(Vec::new());
        self.put(policy);
    }

    fn put(&self, policy: Policy) {
        self.study.edit(|settings| match self.side {
            Side::A => settings.a = policy,
            Side::B => settings.b = policy,
        });
    }
}
