//! What passes to an account, what the service gets to see, and what comes back.

use super::program::{Console, Folder, KEY, Simulated};
use super::service::{Service, header};

const SUBACCOUNT: &str = "5f1c00a1b32c35364a2ad34f";

/// `api:` and the key, in base64 by RFC 4648.
fn basic() -> String {
    use base64::Engine as _;
    format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("api:{KEY}"))
    )
}

#[test]
fn the_service_gets_the_key_and_nothing_of_the_browser() {
    let service = Service::plain();
    let console = Console::of(&Folder::new("head"), &service.base, &["--allow-changes"]);
    let session = console.open();
    let read = console
        .own(
            &session,
            "GET",
            &session.live("/v1/%64ynamic_pools/domains/?limit=2&pool=dynamic_poor&account=a%26b"),
        )
        .header("Authorization", "Basic c3RvbGVuOng=")
        .header("X-Forwarded-For", "192.0.2.7")
        .header("User-Agent", "a browser")
        .header("Accept-Encoding", "gzip, br")
        .header("Referer", "http://127.0.0.1/secret");
    assert_eq!(console.send(&read).status, 200);
    let body = "--x\r\nContent-Disposition: form-data; name=\"pool\"\r\n\r\ndynamic_poor\r\n--x--\r\n";
    let change = console
        .own(
            &session,
            "PUT",
            &session.live("/v1/dynamic_pools/domains/a.example/override"),
        )
        .body("multipart/form-data; boundary=x", body);
    assert_eq!(console.send(&change).status, 200);
    let received = service.received();
    let first_lines: Vec<&str> = received
        .iter()
        .filter_map(|received| received.head.lines().next())
        .collect();
    assert_eq!(
        first_lines,
        [
            "GET /v1/dynamic_pools/domains?limit=2&pool=dynamic_poor&account=a%26b HTTP/1.1",
            "PUT /v1/dynamic_pools/domains/a.example/override HTTP/1.1"
        ]
    );
    assert_eq!(received[1].body, body.as_bytes(), "a body is passed on to the byte");
    assert_eq!(
        header(&received[1].head, "content-type").unwrap(),
        "multipart/form-data; boundary=x"
    );
    for received in &received {
        assert_eq!(header(&received.head, "authorization").unwrap(), basic());
        let mut names: Vec<String> = received
            .head
            .lines()
            .skip(1)
            .filter_map(|line| Some(line.split_once(':')?.0.to_lowercase()))
            .collect();
        names.retain(|name| {
            ![
                "host",
                "authorization",
                "accept",
                "user-agent",
                "content-type",
                "content-length",
            ]
            .contains(&name.as_str())
        });
        assert_eq!(names, [""; 0], "nothing else is sent");
        assert!(header(&received.head, "user-agent").unwrap().starts_with("poolkeeper/"));
    }
}

#[test]
fn status_body_and_limits_come_back_and_internals_do_not() {
    let headers = "Content-Type: application/json\r\nSet-Cookie: a=b\r\nServer: internal-7\r\nX-Internal-Host: 10.0.0.1\r\n\
                   Retry-After: 7\r\nX-RateLimit-Limit: 50\r\nX-RateLimit-Remaining: 0\r\nX-RateLimit-Reset: 1782900000000\r\n\
                   Access-Control-Allow-Origin: *\r\nContent-Security-Policy: x\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                   X-Echo: key-5d0f8a1c2b3e4f60718293a4b5c6d7e8\r\n";
    let service = Service::answering(
        "429 Too Many Requests",
        headers,
        "{\"message\": \"slow down\", \"you\": \"{authorization}\"}",
    );
    let console = Console::of(&Folder::new("answer"), &service.base, &[]);
    let session = console.open();
    let got = console.send(&console.own(&session, "GET", &session.live("/v3/dynamic_pools")));
    assert_eq!(got.status, 429);
    assert_eq!(
        got.json(),
        serde_json::json!({ "message": "slow down", "you": "Basic [the key]" })
    );
    for (name, value) in [
        ("retry-after", "7"),
        ("x-ratelimit-limit", "50"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", "1782900000000"),
        ("content-type", "application/json"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(got.header(name), Some(value), "{name}");
    }
    for name in [
        "set-cookie",
        "server",
        "x-internal-host",
        "access-control-allow-origin",
        "www-authenticate",
        "x-echo",
    ] {
        assert_eq!(got.header(name), None, "{name}");
    }
    assert_ne!(got.header("content-security-policy"), Some("x"));
}

#[test]
fn a_service_that_sends_a_page_sends_text() {
    let service = Service::answering(
        "502 Bad Gateway",
        "Content-Type: text/html\r\n",
        "<script>alert(1)</script>",
    );
    let console = Console::of(&Folder::new("html"), &service.base, &[]);
    let session = console.open();
    let got = console.send(&console.own(&session, "GET", &session.live("/v3/ips")));
    assert_eq!((got.status, got.text().as_str()), (502, "<script>alert(1)</script>"));
    let policy = got.header("content-security-policy").unwrap();
    assert!(
        policy.contains("sandbox") && policy.contains("default-src 'none'"),
        "{policy}"
    );
}

#[test]
fn a_redirect_is_not_followed_and_a_silent_address_is_told() {
    let elsewhere = Service::plain();
    let service = Service::answering("302 Found", "Location: http://127.0.0.1:1/\r\n", "");
    let console = Console::of(&Folder::new("redirect"), &service.base, &[]);
    let session = console.open();
    let got = console.send(&console.own(&session, "GET", &session.live("/v3/ips")));
    assert_eq!((got.status, got.header("location")), (502, None));
    assert!(got.json()["message"].as_str().unwrap().contains("redirect"));
    assert!(elsewhere.received().is_empty());
    let nowhere = Console::of(&Folder::new("nowhere"), "http://127.0.0.1:1", &[]);
    let session = nowhere.open();
    let got = nowhere.send(&nowhere.own(&session, "GET", &session.live("/v3/ips")));
    assert_eq!(got.status, 502);
    assert!(got.json()["message"].as_str().unwrap().contains("no answer"), "{got:?}");
}

#[test]
fn a_request_acts_for_a_subaccount_only_where_that_is_allowed() {
    let service = Service::plain();
    let folder = Folder::new("on_behalf_of");
    let file = folder.private(
        "accounts.toml",
        &format!(
            "[[account]]\nname = \"any\"\nurl = \"{base}\"\n[[account]]\nname = \"none\"\nurl = \"{base}\"\nallow_on_behalf_of = false\n\
             [[account]]\nname = \"one\"\nurl = \"{base}\"\non_behalf_of = \"{SUBACCOUNT}\"\n",
            base = service.base
        ),
    );
    let console = Console::start(&folder, &["--accounts", &file], &[("MAILGUN_API_KEY", KEY)]);
    let session = console.open();
    let send = |account: &str, asked: Option<&str>| {
        let mut ask = console.own(&session, "GET", &format!("/live/{account}/v3/ips"));
        if let Some(asked) = asked {
            ask = ask.header("X-Mailgun-On-Behalf-Of", asked);
        }
        let status = console.send(&ask).status;
        let head = service
            .received()
            .last()
            .map(|received| received.head.clone())
            .unwrap_or_default();
        (status, header(&head, "x-mailgun-on-behalf-of"))
    };
    assert_eq!(send("any", None), (200, None));
    assert_eq!(send("any", Some(SUBACCOUNT)), (200, Some(SUBACCOUNT.to_owned())));
    assert_eq!(send("one", None), (200, Some(SUBACCOUNT.to_owned())));
    assert_eq!(send("one", Some(SUBACCOUNT)), (200, Some(SUBACCOUNT.to_owned())));
    let sent = service.received().len();
    for (account, asked) in [
        ("one", "646d00a1b32c35364a2ad34f"),
        ("one", ""),
        ("none", SUBACCOUNT),
        ("any", "a b"),
        ("any", ""),
    ] {
        assert_eq!(send(account, Some(asked)).0, 403, "{account} {asked}");
    }
    assert_eq!(service.received().len(), sent);
    assert_eq!(send("none", None), (200, None));
}

#[test]
fn a_whole_session_on_the_simulator_shows_no_key_anywhere() {
    let live = Simulated::start();
    let console = Console::of(&Folder::new("session"), &live.base, &["--allow-changes"]);
    let session = console.open();
    assert_eq!(session.json["accounts"][0]["may_change"], true);
    let mut shown = format!("{}{}", console.introduction, session.json);
    let domains = session.live("/v1/dynamic_pools/domains?limit=100");
    let override_path = session.live("/v1/dynamic_pools/domains/steady.example.com/override");
    let pool_of = |got: &super::raw::Got| {
        let items = got.json()["items"].as_array().unwrap().clone();
        let found = items
            .into_iter()
            .find(|domain| domain["name"] == "steady.example.com")
            .unwrap();
        (
            found["pool"].as_str().unwrap().to_owned(),
            found["override"].as_bool().unwrap(),
        )
    };
    let before = console.send(&console.own(&session, "GET", &domains));
    assert!(!pool_of(&before).1);
    let form = ("application/x-www-form-urlencoded", "pool=dynamic_poor");
    let pinned = console.send(&console.own(&session, "PUT", &override_path).body(form.0, form.1));
    assert_eq!(pinned.status, 200, "{pinned:?}");
    let after = console.send(&console.own(&session, "GET", &domains));
    assert_eq!(pool_of(&after), ("dynamic_poor".to_owned(), true));
    let refused = console.send(&console.ask("GET", &domains));
    assert_eq!(refused.status, 403);
    let page = console.send(&console.ask("GET", "/"));
    for got in [before, pinned, after, refused, page] {
        shown += &got.whole();
    }
    #[cfg(target_os = "linux")]
    {
        shown += &console.command_line();
    }
    shown += &console.end();
    let encoded = basic();
    let encoded = encoded.trim_start_matches("Basic ").trim_end_matches('=');
    assert!(
        !shown.contains(KEY) && !shown.contains(encoded) && shown.contains("refused: 403 GET"),
        "{shown}"
    );
}
