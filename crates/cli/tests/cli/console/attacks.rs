//! Requests that nobody but an attacker makes. Each is refused, noted in one line, and nothing of it reaches the service.

use super::program::{Console, Folder, KEY, Session};
use super::raw::{Ask, exchange};
use super::service::Service;
use mailgun_pools::wire::Operation;

const OVERRIDE: &str = "/v1/dynamic_pools/domains/steady.example.com/override";

/// A console that lets changes pass, in front of a service that counts.
struct Target {
    service: Service,
    console: Console,
    session: Session,
}

impl Target {
    fn new(test: &str, more: &[&str]) -> Self {
        let service = Service::plain();
        let console = Console::of(&Folder::new(test), &service.base, more);
        let session = console.open();
        Self {
            service,
            console,
            session,
        }
    }

    /// The change that every attack varies, as the page itself would send it.
    fn change(&self) -> Ask {
        self.console
            .own(&self.session, "PUT", &self.session.live(OVERRIDE))
            .body("application/x-www-form-urlencoded", "pool=dynamic_poor")
    }

    /// A read as the page itself would send it.
    fn read(&self) -> Ask {
        self.console
            .own(&self.session, "GET", &self.session.live("/v3/dynamic_pools"))
    }

    fn refused(&self, ask: &Ask, status: u16, reason: &str) {
        let got = self.console.send(ask);
        let shown = format!("{} {} {:?}: {got:?}", ask.method, ask.target, ask.headers);
        assert_eq!(got.status, status, "{shown}");
        let line = self.console.logged();
        assert!(
            line.starts_with(&format!("poolkeeper: refused: {status} ")) && line.ends_with(&format!("({reason})")),
            "{line}\n{shown}"
        );
        for secret in [KEY, &self.session.token, &self.session.cookie, "pool=", "?"] {
            assert!(!line.contains(secret), "{line}");
        }
        assert!(self.service.received().is_empty(), "{shown}");
    }

    /// What was varied passes when it is not: so each refusal had the cause it names.
    fn passes(&self, ask: &Ask) {
        let got = self.console.send(ask);
        assert_eq!((got.status, self.service.received().len()), (200, 1), "{got:?}");
    }
}

#[test]
fn another_host_is_not_answered() {
    let target = Target::new("foreign_host", &["--allow-changes"]);
    let port = target.console.address.rsplit(':').next().unwrap().to_owned();
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1".to_owned(),
        "127.0.0.1:1".to_owned(),
        format!("127.0.0.1.evil.example:{port}"),
        String::new(),
    ] {
        target.refused(&target.change().instead("Host", &*host), 421, "foreign host");
        let page = Ask::new("GET", "/").header("Host", &*host);
        target.refused(&page, 421, "foreign host");
    }
    target.refused(&target.read().without("Host"), 421, "foreign host");
    target.refused(&target.read().header("Host", "evil.example"), 400, "a header twice");
    let mut absolute = target.read();
    absolute.target = format!("http://evil.example{}", absolute.target);
    target.refused(&absolute, 400, "address of a proxy");
    target.refused(
        &target.console.ask("CONNECT", "api.mailgun.net:443"),
        400,
        "address of a proxy",
    );
    target.passes(&target.change());
}

#[test]
fn pages_of_other_origins_may_neither_read_nor_change() {
    let target = Target::new("foreign_origin", &["--allow-changes"]);
    let own = format!("http://{}", target.console.address);
    for origin in [
        "http://evil.example",
        "null",
        "http://127.0.0.1:1",
        "https://127.0.0.1",
        &own.replace("http:", "https:"),
        &format!("{own}.evil.example"),
        "",
    ] {
        target.refused(&target.change().header("Origin", origin), 403, "foreign origin");
        target.refused(&target.read().header("Origin", origin), 403, "foreign origin");
    }
    // A form: the browser adds the cookie if it counts the page as the same site, such as another port of this machine.
    for site in ["cross-site", "same-site", "none", ""] {
        target.refused(&target.change().instead("Sec-Fetch-Site", site), 403, "another site");
        target.refused(&target.read().instead("Sec-Fetch-Site", site), 403, "another site");
    }
    target.refused(&target.change().without("Sec-Fetch-Site"), 403, "another site");
    // What a browser asks before it lets another page use such a header.
    let preflight = target
        .console
        .ask("OPTIONS", &target.session.live(OVERRIDE))
        .header("Origin", &*own)
        .header("Access-Control-Request-Method", "PUT");
    target.refused(&preflight, 403, "another site");
    let answered = target.console.send(&preflight);
    assert!(!answered.whole().contains("access-control"), "{answered:?}");
    target.console.logged();
    target.passes(&target.change().header("Origin", own));
}

#[test]
fn a_browser_that_this_run_did_not_open_is_refused() {
    let target = Target::new("no_session", &["--allow-changes"]);
    let (name, session) = target.session.cookie.split_once('=').unwrap();
    let stolen = Target::new("no_session_other", &["--allow-changes"]);
    let other = stolen.session.cookie.split_once('=').unwrap().1.to_owned();
    for cookie in [
        format!("{name}={other}"),
        format!("{name}="),
        format!("{name}={}", &session[1..]),
        format!("other={session}"),
        format!("{name}={session}; {name}={other}"),
        format!("{name}={}", target.session.token),
    ] {
        target.refused(&target.change().instead("Cookie", &*cookie), 403, "no session");
        target.refused(&target.read().instead("Cookie", &*cookie), 403, "no session");
        let asked = target
            .console
            .ask("GET", "/_console/session")
            .header("Cookie", &*cookie);
        target.refused(&asked, 403, "no session");
    }
    target.refused(&target.read().without("Cookie"), 403, "no session");
    for token in [&*stolen.session.token, "", session, &target.session.token[1..]] {
        target.refused(&target.change().instead("X-Poolkeeper-Token", token), 403, "no token");
    }
    target.refused(&target.change().without("X-Poolkeeper-Token"), 403, "no token");
    target.refused(&target.console.ask("GET", "/?ticket=0"), 403, "wrong ticket");
    target.refused(&target.console.ask("GET", "/?ticket="), 403, "wrong ticket");
    target.passes(&target.change());
}

#[test]
fn the_token_does_not_help_without_the_cookie_of_the_page() {
    let target = Target::new("cookie_alone", &[]);
    // A query by POST reads only, and still may not be sent by a form of another page.
    let metrics = target.session.live("/v1/analytics/metrics");
    let query = target
        .console
        .own(&target.session, "POST", &metrics)
        .body("application/json", "{}");
    target.refused(&query.clone().without("X-Poolkeeper-Token"), 403, "no token");
    target.refused(&query.clone().without("Cookie"), 403, "no session");
    target.passes(&query);
}

#[test]
fn nothing_but_the_contract_passes() {
    let target = Target::new("contract_only", &["--allow-changes"]);
    let refused = |method: &str, path: &str, status: u16, reason: &str| {
        let ask = target.console.own(&target.session, method, &target.session.live(path));
        target.refused(&ask, status, reason);
    };
    for (method, path) in [
        ("POST", "/v3/mail.example.com/messages"),
        ("GET", "/v3/messages"),
        ("GET", "/v1/keys"),
        ("POST", "/v1/keys"),
        ("GET", "/v5/users"),
        ("POST", "/v5/accounts/subaccounts/1/disable"),
        ("GET", "/v3/domains"),
        ("DELETE", "/v3/domains/a.example"),
        ("GET", "/"),
        ("GET", ""),
        ("GET", "//v3/dynamic_pools"),
        ("GET", "/v3//dynamic_pools"),
        ("GET", "/v3/dynamic_pools//"),
        ("GET", "/v3/../v3/messages"),
        ("GET", "/v3/%2e%2e/v3/dynamic_pools"),
        ("GET", "/v3/ips/../../v1/keys"),
        ("GET", "/_poolkeeper/clock"),
        ("POST", "/_poolkeeper/reset"),
    ] {
        refused(method, path, 404, "path not in the contract");
    }
    for path in [
        "/v3/ips/%2e%2e",
        "/v3/ips/..%2f..%2fv1%2fkeys",
        "/v3/ips/a%5cb",
        "/v3/ips/%252e%252e",
        "/v3/ips/a%3fb",
        "/v3/ips/%00",
        "/v3/ips/a%0d%0ab",
    ] {
        refused("GET", path, 404, "a name no path can carry");
    }
    for (method, path) in [
        ("HEAD", "/v3/dynamic_pools"),
        ("DELETE", "/v3/dynamic_pools"),
        ("TRACE", "/v3/dynamic_pools"),
        ("PROPFIND", "/v3/ips"),
        ("get", "/v3/ips"),
    ] {
        let ask = target.console.own(&target.session, method, &target.session.live(path));
        let got = target.console.send(&ask);
        assert_eq!(got.status, 405, "{method}: {got:?}");
        assert!(target.console.logged().ends_with("(method not in the contract)"));
    }
    for account in ["nothing", "", "..", "%2e%2e"] {
        let ask = target
            .console
            .own(&target.session, "GET", &format!("/live/{account}/v3/dynamic_pools"));
        target.refused(&ask, 404, "unknown account");
    }
    target.passes(&target.read());
}

#[test]
fn every_change_is_refused_while_the_account_is_read_only() {
    let target = Target::new("read_only", &[]);
    let changes: Vec<Operation> = Operation::ALL
        .iter()
        .copied()
        .filter(|operation| !operation.is_read())
        .collect();
    assert!(changes.len() >= 9, "fifteen operations of which six read");
    for operation in changes {
        let path = operation.path(&["dynamic_good", "192.0.2.1"]).unwrap();
        let ask = target.console.own(
            &target.session,
            operation.method().as_str(),
            &target.session.live(&path),
        );
        target.refused(&ask, 403, "change while read-only");
    }
    for name in ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"] {
        target.refused(&target.read().header(name, "DELETE"), 400, "method override");
    }
    target.passes(&target.read());
}

#[test]
fn a_body_that_ends_in_two_ways_is_refused() {
    let target = Target::new("smuggling", &["--allow-changes"]);
    // A request hidden in the body of another.
    let hidden = "PUT /v1/hidden HTTP/1.1\r\nHost: x\r\n\r\n";
    let framed = |headers: &[(&str, &str)]| {
        let mut ask = target.change().without("Content-Length");
        for (name, value) in headers {
            ask = ask.header(name, *value);
        }
        ask.body = [b"0\r\n\r\n", hidden.as_bytes()].concat();
        ask
    };
    let chunked = "transfer encoding";
    target.refused(&framed(&[("Transfer-Encoding", "chunked")]), 400, chunked);
    target.refused(
        &framed(&[("Content-Length", "5"), ("Transfer-Encoding", "chunked")]),
        400,
        chunked,
    );
    target.refused(
        &framed(&[("Transfer-Encoding", "chunked"), ("Content-Length", "5")]),
        400,
        chunked,
    );
    // These are not HTTP: the server hangs up without asking what they are for.
    for headers in [
        &[("Content-Length", "5"), ("Content-Length", "6")][..],
        &[("Content-Length", "5, 6")],
        &[("Content-Length", "+5")],
        &[("Content-Length", "-1")],
        &[("Transfer-Encoding", "chunked, identity")],
        &[("Transfer-Encoding", "xchunked")],
        &[("Transfer-Encoding ", "chunked")],
        &[("X", "a\r\n folded"), ("Content-Length", "5")],
        &[("X", "a\0b"), ("Content-Length", "5")],
    ] {
        let answer = exchange(&target.console.address, &framed(headers).bytes());
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with("HTTP/1.1 400 ") && answer.matches("HTTP/1.1").count() == 1,
            "{headers:?}: {answer}"
        );
        assert!(
            target.console.logged().starts_with("poolkeeper: refused: "),
            "{headers:?}"
        );
    }
    assert!(target.service.received().is_empty(), "{:?}", target.service.received());
    target.passes(&target.change());
}

#[test]
fn headers_that_say_one_thing_are_sent_once() {
    let target = Target::new("twice", &["--allow-changes"]);
    let own = format!("http://{}", target.console.address);
    for (name, first, second) in [
        ("Origin", &*own, "http://evil.example"),
        ("X-Poolkeeper-Token", "", "0"),
        ("X-Mailgun-On-Behalf-Of", "5f1c00a1b32c35364a2ad34f", "a"),
        ("Content-Type", "text/plain", "application/json"),
        ("Sec-Fetch-Site", "cross-site", "same-origin"),
    ] {
        target.refused(
            &target.change().header(name, first).header(name, second),
            400,
            "a header twice",
        );
    }
    target.passes(&target.change());
}

#[test]
fn an_oversized_request_is_refused() {
    let target = Target::new("oversized", &["--allow-changes"]);
    let large = "a".repeat(1_000_001);
    target.refused(
        &target
            .change()
            .without("Content-Type")
            .without("Content-Length")
            .body("application/json", large),
        413,
        "oversized body",
    );
    // Announced, never sent: the answer does not wait for it.
    target.refused(
        &target.change().instead("Content-Length", "999999999999"),
        413,
        "oversized body",
    );
    target.refused(
        &target.change().instead("Content-Type", "text/html"),
        415,
        "body of another type",
    );
    let long = target.read().header("X-Long", "a".repeat(200_000));
    let answer = exchange(&target.console.address, &long.bytes());
    let answer = String::from_utf8_lossy(&answer);
    assert!(
        answer.starts_with("HTTP/1.1 431 ") || answer.starts_with("HTTP/1.1 400 "),
        "{answer}"
    );
    assert!(target.console.logged().starts_with("poolkeeper: refused: "));
    target.passes(&target.change());
}

#[test]
fn pages_take_no_writes() {
    let target = Target::new("page_writes", &["--allow-changes"]);
    for path in ["/", "/pools", "/_console/session", "/live", "/nothing"] {
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            target.refused(
                &target.console.own(&target.session, method, path),
                405,
                "write to a page",
            );
        }
    }
    target.passes(&target.read());
}
