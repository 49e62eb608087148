//! What a change would do, in words.

use leptos::prelude::*;

/// What is known of a change before it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Forecast {
    /// The simulator tried it on a copy: this is what changes.
    Changes(Vec<String>),
    /// A rule refuses it.
    Refused {
        /// What is wrong, naming the IP, pool or domain.
        reason: String,
        /// The rule, as the app words it.
        rule: Option<String>,
    },
    /// What it concerns is being read from the live account.
    Trying,
    /// It could not be tried, and why.
    Untried(String),
}

const MOST_SHOWN: usize = 8;

/// The forecast, listed.
#[component]
pub fn ForecastView(
    /// The forecast.
    forecast: Forecast,
) -> impl IntoView {
    match forecast {
        Forecast::Changes(lines) if lines.is_empty() => {
            view! { <p class="muted">"Nothing: everything is already that way."</p> }.into_any()
        }
        Forecast::Changes(lines) => {
            let rest = lines.len().saturating_sub(MOST_SHOWN);
            let more = (rest > 0).then(|| view! { <li class="muted">{format!("and {rest} more")}</li> });
            let shown = lines.into_iter().take(MOST_SHOWN).map(|line| view! { <li>{line}</li> });
            view! { <ul class="effects">{shown.collect_view()} {more}</ul> }.into_any()
        }
        Forecast::Refused { reason, rule } => view! {
            <div class="refusal">
                <p>
                    <b>"Refused: "</b>
                    {reason}
                </p>
                {rule.map(|rule| view! { <p class="muted">{rule}</p> })}
            </div>
        }
        .into_any(),
        Forecast::Trying => view! { <p class="muted">"Reading what it concerns, to try it on a copy…"</p> }.into_any(),
        Forecast::Untried(why) => {
            view! { <p class="muted">{format!("It could not be tried on a copy: {why}. The service decides.")}</p> }
                .into_any()
        }
    }
}
