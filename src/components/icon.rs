//! The few icons, drawn with strokes in the text's colour.

use leptos::prelude::*;

/// An icon's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    /// A magnifier.
    Search,
    /// Three lines: the folded navigation.
    Menu,
    /// A cross.
    Close,
    /// A tick.
    Done,
    /// An exclamation mark in a circle.
    Warn,
    /// Step one day on.
    Step,
    Play,
    Pause,
    /// Two sheets: copy.
    Copy,
    /// An arrow into a tray: save.
    Save,
    /// Arrows up and down a wire: the request log.
    Requests,
    /// Half a disc: the theme.
    Theme,
    /// An arrow round: again.
    Again,
    /// A plus sign.
    Plus,
    /// A bin.
    Remove,
    /// A chevron pointing down.
    Down,
    Pin,
    /// A tray taking a file.
    Upload,
    /// A head and shoulders: whose account.
    Account,
    /// A question mark.
    Help,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Search => "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm3.6-1.4L14 14",
            Self::Menu => "M2 4h12M2 8h12M2 12h12",
            Self::Close => "M3.5 3.5l9 9M12.5 3.5l-9 9",
            Self::Help => {
                "M6 6.2a2 2 0 1 1 2.9 1.8c-.6.3-.9.7-.9 1.4M8 11.6v.3M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z"
            }
            Self::Done => "M3 8.5l3.2 3.2L13 4.8",
            Self::Warn => "M8 4.5v4.2M8 11.2v.3M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13Z",
            Self::Step => "M4 3.5 9.5 8 4 12.5ZM12 3.5v9",
            Self::Play => "M5 3l8 5-8 5Z",
            Self::Pause => "M5.5 3.5v9M10.5 3.5v9",
            Self::Copy => "M6 5.5h7.5V14H6ZM4 10.5H2.5V2H10v1.5",
            Self::Save => "M8 2v8M4.5 6.8 8 10.2l3.5-3.4M2.5 13.5h11",
            Self::Requests => "M5 13V3M2.5 5.5 5 3l2.5 2.5M11 3v10M8.5 10.5 11 13l2.5-2.5",
            Self::Theme => "M8 14.2A6.2 6.2 0 1 0 8 1.8a6.2 6.2 0 0 0 0 12.4ZM8 1.8v12.4M8 5h4.5M8 8h6M8 11h4.5",
            Self::Again => "M13.5 8A5.5 5.5 0 1 1 11.7 4M12 1.5V4.5H9",
            Self::Plus => "M8 3v10M3 8h10",
            Self::Remove => "M3 4.5h10M6.5 4.5v-2h3v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4",
            Self::Down => "M4 6l4 4 4-4",
            Self::Pin => "M6 2.5h4l-.5 4.5 2.5 2.5H4l2.5-2.5ZM8 9.5V14",
            Self::Account => "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8ZM2.8 13.8a5.3 5.3 0 0 1 10.4 0",
            Self::Upload => "M8 10V2.5M4.5 5.8 8 2.5l3.5 3.3M2.5 10v3.5h11V10",
        }
    }

    /// The drawing, hidden from assistive technology: the word stands beside it or in a label.
    #[must_use]
    pub(crate) fn view(self) -> AnyView {
        view! {
            <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
                <path d=self.path() />
            </svg>
        }
        .into_any()
    }
}
