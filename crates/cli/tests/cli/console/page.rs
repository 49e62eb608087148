//! The page's files, who is let in, and the headers of every answer.

use super::program::{Console, Folder, KEY, POLICY, Session};
use super::raw::Got;
use super::service::Service;

fn assert_secured(got: &Got) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(got.header(name), Some(value), "{name}: {got:?}");
    }
    let policy = got.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
        "{policy}"
    );
    assert!(got.header("cache-control").is_some(), "{got:?}");
    assert!(!got.whole().to_lowercase().contains("access-control-allow"), "{got:?}");
}

#[test]
fn every_answer_has_the_security_headers() {
    let service = Service::plain();
    let console = Console::of(&Folder::new("headers"), &service.base, &[]);
    let session = console.open();
    let statuses = [
        console.ask("GET", "/"),
        console.ask("HEAD", "/pools"),
        console.ask("GET", "/app-4d23be87ad06f9f6.js"),
        console.ask("GET", "/nothing.js"),
        console.ask("POST", "/"),
        console.ask("GET", "/").instead("Host", "evil.example"),
        console.ask("GET", "/_console/session"),
        console.ask("GET", &console.link()),
        console.own(&session, "GET", "/_console/session"),
        console.own(&session, "GET", &session.live("/v3/ips")),
        console.own(&session, "GET", &session.live("/v3/messages")),
    ]
    .map(|ask| {
        let got = console.send(&ask);
        assert_secured(&got);
        got.status
    });
    assert_eq!(statuses, [200, 200, 200, 404, 405, 421, 403, 303, 200, 200, 404]);
}

#[test]
fn the_page_has_its_own_policy_and_the_mark_of_the_program() {
    let console = Console::start(&Folder::new("policy"), &[], &[]);
    for (path, title) in [
        ("/", "Overview"),
        ("/index.html", "Overview"),
        ("/pools", "Pools"),
        ("/pools/", "Pools"),
        ("/pools?tab=2", "Pools"),
    ] {
        let got = console.send(&console.ask("GET", path));
        assert_eq!(got.status, 200, "{path}");
        assert_eq!(got.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(got.header("cache-control"), Some("no-cache"));
        assert_eq!(
            got.header("content-security-policy"),
            Some(&*format!("{POLICY}; frame-ancestors 'none'"))
        );
        assert!(
            got.text().contains(title) && got.text().contains("<meta name=\"poolkeeper-console\""),
            "{got:?}"
        );
        assert!(
            !got.text().contains(&console.open().token),
            "the page itself holds no secret"
        );
    }
    let missing = console.send(&console.ask("GET", "/no/such/page").header("Accept", "text/html"));
    assert!(
        missing.status == 404 && missing.text().contains("Nothing here"),
        "{missing:?}"
    );
    let head = console.send(&console.ask("HEAD", "/"));
    assert!(head.status == 200 && head.body.is_empty(), "{head:?}");
}

#[test]
fn a_file_that_the_browser_has_is_not_sent_again() {
    let folder = Folder::new("cache");
    let console = Console::start(&folder, &[], &[]);
    let script = "/app-4d23be87ad06f9f6.js";
    let first = console.send(&console.ask("GET", script).header("Accept-Encoding", "gzip, br"));
    assert_eq!(
        first.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    assert_eq!(first.header("content-type"), Some("text/javascript; charset=utf-8"));
    assert_eq!(first.header("vary"), Some("accept-encoding"));
    let etag = first.header("etag").unwrap().to_owned();
    let again = console.send(&console.ask("GET", script).header("If-None-Match", &*etag));
    assert_eq!(
        (again.status, again.body.len(), again.header("etag")),
        (304, 0, Some(&*etag))
    );
    let other = console.send(&console.ask("GET", script).header("If-None-Match", "\"other\""));
    assert_eq!((other.status, other.text().as_str()), (200, "import './x.js'"));
    folder.write("dist/app-4d23be87ad06f9f6.js", "changed");
    let changed = console.send(&console.ask("GET", script).header("If-None-Match", &*etag));
    assert_eq!((changed.status, changed.text().as_str()), (200, "changed"));
}

#[test]
fn no_address_leads_out_of_the_page() {
    let folder = Folder::new("traversal");
    std::os::unix::fs::symlink(folder.0.join("secret.txt"), folder.0.join("dist/link.txt")).unwrap();
    folder.write("dist/.hidden", "outside of the page");
    let console = Console::start(&folder, &[], &[]);
    for path in [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/pools/../../secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/pools/..%2f..%2fsecret.txt",
        "//secret.txt",
        "/./secret.txt",
        "/link.txt",
        "/.hidden",
        "/app-4d23be87ad06f9f6.js%00",
        "/pools//index.html",
    ] {
        let got = console.send(&console.ask("GET", path));
        assert!(got.status == 404 && !got.text().contains("outside"), "{path}: {got:?}");
    }
}

#[test]
fn the_printed_link_opens_the_console_and_leaves_no_ticket_in_the_address() {
    let console = Console::start(&Folder::new("link"), &[], &[]);
    let opened = console.send(&console.ask("GET", &console.link()));
    assert_eq!((opened.status, opened.header("location")), (303, Some("/")));
    let cookie = opened.header("set-cookie").unwrap();
    let port = console.address.rsplit(':').next().unwrap();
    assert!(cookie.starts_with(&format!("poolkeeper-{port}=")), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{cookie}");
    assert_eq!(opened.header("cache-control"), Some("no-store"));
    // A page by itself lets nobody in: other users of this machine can ask for it too.
    let page = console.send(&console.ask("GET", "/"));
    assert_eq!((page.status, page.header("set-cookie")), (200, None));
}

/// Asks as a person whom the proxy in front has signed in.
fn as_user(console: &Console, session: &Session, user: &str, method: &str, path: &str) -> u16 {
    let ask = console
        .own(session, method, path)
        .instead("Host", "console.example")
        .header("Origin", "https://console.example")
        .header("X-User", user);
    console.send(&ask).status
}

#[test]
fn behind_a_proxy_viewers_read_and_operators_change() {
    let service = Service::plain();
    let args = [
        "--live",
        &service.base,
        "--allow-changes",
        "--behind-proxy",
        "console.example",
        "--user-header",
        "X-User",
        "--operator",
        "ann",
    ];
    let console = Console::behind_proxy(&Folder::new("roles"), &args, &[("MAILGUN_API_KEY", KEY)]);
    assert!(
        console.introduction.contains("https://console.example/"),
        "{}",
        console.introduction
    );
    let visit = |user: &str| {
        let page = console.send(
            &console
                .ask("GET", "/")
                .instead("Host", "console.example")
                .header("X-User", user),
        );
        let cookie = page.header("set-cookie").expect("a cookie").to_owned();
        assert!(cookie.ends_with("; Secure"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        let ask = console
            .ask("GET", "/_console/session")
            .instead("Host", "console.example")
            .header("X-User", user);
        let json = console.send(&ask.header("Cookie", &*cookie)).json();
        let token = json["token"].as_str().unwrap().to_owned();
        Session { cookie, token, json }
    };
    let (ann, ben) = (visit("ann"), visit("ben"));
    assert_eq!(
        (&ann.json["user"], &ann.json["accounts"][0]["may_change"]),
        (&"ann".into(), &true.into())
    );
    assert_eq!(
        (&ben.json["user"], &ben.json["accounts"][0]["may_change"]),
        (&"ben".into(), &false.into())
    );
    let (read, change) = (ann.live("/v3/ips"), ann.live("/v3/dynamic_pools/all"));
    assert_eq!(as_user(&console, &ben, "ben", "GET", &read), 200);
    assert_eq!(as_user(&console, &ben, "ben", "DELETE", &change), 403);
    assert_eq!(
        as_user(&console, &ann, "Ann", "DELETE", &change),
        403,
        "names are compared to the letter"
    );
    assert_eq!(service.received().len(), 1);
    assert_eq!(as_user(&console, &ann, "ann", "DELETE", &change), 200);
    let sent = service.received().len();
    // Nobody is signed in, or two are, or the request came around the proxy.
    let own = || console.own(&ann, "GET", &read).instead("Host", "console.example");
    assert_eq!(console.send(&own()).status, 401);
    assert_eq!(console.send(&own().header("X-User", "")).status, 401);
    assert_eq!(
        console
            .send(&own().header("X-User", "ben").header("X-User", "ann"))
            .status,
        401
    );
    assert_eq!(
        console
            .send(&own().instead("Host", &*console.address).header("X-User", "ann"))
            .status,
        421
    );
    assert_eq!(service.received().len(), sent);
}
