//! What a part shows.

use super::WasmChunk;
use crate::components::account_menu::AccountMenu;
use crate::components::drawer::RequestDrawer;
use crate::components::help::Help;
use crate::components::palette::Palette;
use crate::components::tour::Tour;
use crate::pages;
use leptos::prelude::*;

/// A view that comes with a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LazyView {
    /// The page of the pools.
    Pools,
    /// The page of the domains.
    Domains,
    /// One domain's page.
    Domain,
    /// The page of the moves.
    History,
    /// The page of what changed.
    WhatChanged,
    /// The page of the record of changes.
    Record,
    /// The lab.
    WhatIf,
    Settings,
    /// What stands at an address that leads nowhere.
    NotFound,
    /// The overview of a live account.
    LiveOverview,
    /// On the overview, the domains whose pool their rates do not explain.
    HeldPools,
    /// The command palette.
    Palette,
    /// The request drawer.
    Drawer,
    /// The help.
    Help,
    /// The tour.
    Tour,
    /// The header's choice of an account.
    AccountMenu,
}

impl LazyView {
    /// The part it comes with.
    pub(super) const fn chunk(self) -> WasmChunk {
        match self {
            Self::WhatIf => WasmChunk::Lab,
            _ => WasmChunk::Console,
        }
    }

    /// The view, out of the console's part. Nothing else may call this: the cut follows calls.
    pub(super) fn of_console(self) -> AnyView {
        match self {
            Self::Pools => pages::Pools().into_any(),
            Self::Domains => pages::Domains().into_any(),
            Self::Domain => pages::Domain().into_any(),
            Self::History => pages::History().into_any(),
            Self::WhatChanged => pages::WhatChanged().into_any(),
            Self::Record => pages::Record().into_any(),
            Self::Settings => pages::Settings().into_any(),
            Self::LiveOverview => pages::LiveOverview().into_any(),
            Self::HeldPools => pages::HeldPools().into_any(),
            Self::Palette => Palette().into_any(),
            Self::Drawer => RequestDrawer().into_any(),
            Self::Help => Help().into_any(),
            Self::Tour => Tour().into_any(),
            Self::AccountMenu => AccountMenu().into_any(),
            Self::NotFound | Self::WhatIf => pages::NotFound().into_any(),
        }
    }

    /// The view, out of the lab's part. Nothing else may call this.
    pub(super) fn of_lab(self) -> AnyView {
        pages::WhatIf().into_any()
    }
}
