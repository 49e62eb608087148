//! What a change would do, in words.

use crate::state::use_account;
use leptos::prelude::*;
use poolkeeper_account::forecast::Forecast;

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
            let account = use_account();
            view! {
                <div class="refusal">
                    <p>{format!("It could not be tried on a copy: {why}. Nothing is sent untried.")}</p>
                    <button type="button" on:click=move |_| account.try_again()>
                        "Try again"
                    </button>
                </div>
            }
            .into_any()
        }
    }
}
