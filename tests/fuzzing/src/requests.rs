//! Requests of the contract to a simulated account: each is answered, and a refused one changes nothing.

use mailgun_pools::transport::{Body, Method, Request, Response};
use poolkeeper_simulator::server::Simulator;
use poolkeeper_simulator::sim::{ScenarioKind, ScenarioSpec, Sim};
use std::sync::OnceLock;

/// An account with every kind of thing in it.
pub fn account() -> Sim {
    static ACCOUNT: OnceLock<Vec<u8>> = OnceLock::new();
    let bytes = ACCOUNT.get_or_init(|| {
        let spec = ScenarioSpec::new(ScenarioKind::BoughtList, 24, 7).expect("a size");
        Sim::scenario(&spec.with_past_days(30).expect("days")).to_bytes()
    });
    Sim::from_bytes(bytes).expect("its own bytes")
}

/// Lines of `METHOD path?query`, each with a body behind a tab: a form, or JSON where it begins so.
pub fn requests(bytes: &[u8]) {
    let simulator = Simulator::new(account());
    let text = String::from_utf8_lossy(bytes);
    for line in text.lines().take(20) {
        let Some(request) = request(line) else { continue };
        let (revision, before) = (simulator.revision(), simulator.sim());
        let tried = simulator.dry_run(&request).is_ok();
        let answered = simulator.handle(&request);
        check(line, &answered);
        let is_made = simulator.revision() != revision;
        if !is_made {
            assert!(*before == *simulator.sim(), "{line}: it changed something");
        }
        if request.method == Method::Get || answered.status >= 400 {
            assert!(!is_made, "{line}: {}", answered.status);
        }
        if is_made {
            assert!(tried, "{line}: its dry run was refused");
        }
    }
    let bytes = simulator.sim().to_bytes();
    let read = Sim::from_bytes(&bytes);
    assert_eq!(
        read.map(|sim| sim.to_bytes()),
        Ok(bytes),
        "the account is not as it was stored"
    );
}

fn check(line: &str, answered: &Response) {
    assert!((200..500).contains(&answered.status), "{line}: {}", answered.status);
    assert!(matches!(answered.body, Body::Json(_)), "{line}: {:?}", answered.body);
}

fn request(line: &str) -> Option<Request> {
    let (head, body) = line.split_once('\t').unwrap_or((line, ""));
    let (method, target) = head.split_once(' ')?;
    let method = Method::parse(method)?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = |text: &str| form_urlencoded::parse(text.as_bytes()).into_owned().collect();
    let mut query: Vec<(String, String)> = pairs(query);
    let on_behalf_of = query.iter().position(|(name, _)| name == "@on_behalf_of");
    Some(Request {
        method,
        path: path.to_owned(),
        on_behalf_of: on_behalf_of.map(|at| query.remove(at).1),
        query,
        body: match body {
            "" => Body::Empty,
            json if json.starts_with(['{', '[']) => {
                serde_json::from_str(json).map_or_else(|_| Body::Text(json.to_owned()), Body::Json)
            }
            form => Body::Form(pairs(form)),
        },
    })
}
