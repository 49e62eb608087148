//! The page: the one inside this program, or a folder that `cargo xtask build` wrote.

use super::answer::{Answer, with_body};
use super::negotiation::{Encoding, chosen_encoding, is_unchanged};
use crate::Failure;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use flate2::read::GzDecoder;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};

/// A file as the build script packed it.
pub(super) struct PackedFile {
    name: &'static str,
    hash: &'static str,
    brotli: &'static [u8],
    gzip: &'static [u8],
}

mod packed {
    use super::PackedFile;
    include!(concat!(env!("OUT_DIR"), "/page.rs"));
}

/// Tells the page that this program serves it. Holds no secret, since any site may read what a cache keeps.
const MARK: &str = "<meta name=\"poolkeeper-console\" content=\"1\">";

const CHARSET: &str = "<meta charset=\"utf-8\">";

/// Makes the browser ask at once what the app asks first, while the app is still on its way.
const SESSION: &str = "<link rel=\"preload\" as=\"fetch\" crossorigin href=\"./_console/session\">";

/// For a page that brings no policy of its own.
const STRICT_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
                             connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'";

/// Where the page's files come from.
pub(super) enum PageSource {
    /// Inside this program.
    Embedded(HashMap<&'static str, &'static PackedFile>),
    /// A folder, its path canonical.
    Folder(PathBuf),
}

impl PageSource {
    /// The page of a folder, or the one inside this program.
    ///
    /// # Errors
    /// [`Failure`] when there is no page.
    pub(super) fn find(folder: Option<&Path>) -> Result<Self, Failure> {
        let Some(folder) = folder else {
            if packed::PACKED.is_empty() {
                return Err(Failure(
                    "this build has no page inside. Build the page with cargo xtask build, then name it with --page dist, or \
                     build this program again with POOLKEEPER_DIST=dist"
                        .to_owned(),
                ));
            }
            return Ok(Self::Embedded(
                packed::PACKED.iter().map(|file| (file.name, file)).collect(),
            ));
        };
        let opening = |error: std::io::Error| Failure::of(format!("reading {}", folder.display()), error);
        let folder = std::fs::canonicalize(folder).map_err(opening)?;
        if !folder.join("index.html").is_file() {
            return Err(Failure(format!(
                "{} has no index.html, so it holds no page",
                folder.display()
            )));
        }
        Ok(Self::Folder(folder))
    }

    /// The file at an address, and whether it is a page that a person visits.
    pub(super) fn answer(&self, path: &str, headers: &HeaderMap, is_head: bool) -> (Answer, bool) {
        let found = names_at(path).into_iter().find_map(|name| self.file(&name, headers));
        let (mut answer, is_page) = found.unwrap_or_else(|| self.missing(path, headers));
        if is_head {
            *answer.body_mut() = Body::empty();
        }
        (answer, is_page)
    }

    /// The page's own words for an address that has no file, where a person asks.
    fn missing(&self, path: &str, headers: &HeaderMap) -> (Answer, bool) {
        let accepts = headers
            .get(header::ACCEPT)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let is_visit = accepts.contains("text/html") && !path.rsplit('/').next().is_some_and(|last| last.contains('.'));
        let page = is_visit.then(|| self.file("404.html", &HeaderMap::new())).flatten();
        let (mut answer, is_page) = page.unwrap_or_else(|| {
            (
                with_body(
                    StatusCode::NOT_FOUND,
                    "text/plain; charset=utf-8",
                    "There is no such file.\n",
                ),
                false,
            )
        });
        *answer.status_mut() = StatusCode::NOT_FOUND;
        (answer, is_page)
    }

    fn file(&self, name: &str, headers: &HeaderMap) -> Option<(Answer, bool)> {
        let is_page = name.ends_with(".html");
        let (hash, content, encoding) = match self {
            Self::Embedded(files) => {
                let file = files.get(name)?;
                if is_page {
                    (file.hash.to_owned(), unpacked(file)?.into(), Encoding::Identity)
                } else {
                    let encoding = chosen_encoding(headers);
                    let content = match encoding {
                        Encoding::Brotli => Bytes::from_static(file.brotli),
                        Encoding::Gzip => Bytes::from_static(file.gzip),
                        Encoding::Identity => unpacked(file)?.into(),
                    };
                    (file.hash.to_owned(), content, encoding)
                }
            }
            Self::Folder(folder) => {
                let content = read_below(folder, name)?;
                let mut hasher = DefaultHasher::new();
                hasher.write(&content);
                (format!("{:016x}", hasher.finish()), content.into(), Encoding::Identity)
            }
        };
        let etag = format!("\"{hash}{}\"", encoding.suffix());
        let mut answer = if is_unchanged(headers, &etag) {
            let mut answer = Answer::new(Body::empty());
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
            answer
        } else if is_page {
            visited(&content)
        } else {
            with_body(StatusCode::OK, content_type(name), content)
        };
        describe(answer.headers_mut(), name, &etag, encoding);
        Some((answer, is_page))
    }
}

fn describe(headers: &mut HeaderMap, name: &str, etag: &str, encoding: Encoding) {
    if let Ok(etag) = HeaderValue::from_str(etag) {
        headers.insert(header::ETAG, etag);
    }
    let lifetime = if is_hashed(name) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(lifetime));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(name) = encoding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
    }
}

/// A page with the mark of this program, and its own policy as a header, where it also forbids frames.
fn visited(content: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(content);
    let policy = own_policy(&text).unwrap_or(STRICT_POLICY);
    let policy = HeaderValue::from_str(&format!("{policy}; frame-ancestors 'none'"));
    let marked = text.replacen(CHARSET, &format!("{CHARSET}{MARK}"), 1);
    let marked = marked.replacen("</head>", &format!("{SESSION}</head>"), 1);
    let mut answer = with_body(StatusCode::OK, "text/html; charset=utf-8", marked);
    if let Ok(policy) = policy {
        answer.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// The policy that `cargo xtask build` wrote into a page.
fn own_policy(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("http-equiv=\"Content-Security-Policy\" content=\"")?;
    rest.split_once('"').map(|(policy, _)| policy)
}

fn unpacked(file: &PackedFile) -> Option<Vec<u8>> {
    let mut content = Vec::new();
    GzDecoder::new(file.gzip).read_to_end(&mut content).ok()?;
    Some(content)
}

/// The names that a file at an address may have. None for an address with anything but plain names in it.
fn names_at(path: &str) -> Vec<String> {
    let Some(name) = path.strip_prefix('/') else {
        return Vec::new();
    };
    let folder = name.strip_suffix('/').unwrap_or(name);
    let is_plain = |segment: &str| {
        let may_be = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
        !segment.is_empty() && !segment.starts_with('.') && segment.chars().all(may_be)
    };
    if name.is_empty() {
        return vec!["index.html".to_owned()];
    }
    if !folder.split('/').all(is_plain) {
        return Vec::new();
    }
    let index = format!("{folder}/index.html");
    if name.ends_with('/') {
        vec![index]
    } else {
        vec![name.to_owned(), index]
    }
}

/// A file below a folder. A link that leads out of the folder is no file of it.
fn read_below(folder: &Path, name: &str) -> Option<Vec<u8>> {
    let path = std::fs::canonicalize(folder.join(name)).ok()?;
    if !path.starts_with(folder) || !path.is_file() {
        return None;
    }
    std::fs::read(path).ok()
}

/// Whether a name holds a hash of its file's content, as Trunk and xtask write it: `app-4d23be87ad06f9f6_bg.wasm`.
fn is_hashed(name: &str) -> bool {
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    let hash = stem.rsplit_once('-').map_or("", |(_, hash)| hash);
    hash.len() >= 12 && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop where it stands")]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    /// A file packed as the build script packs it; what stands for brotli is only told apart from the rest.
    fn packed_file(name: &'static str, content: &[u8]) -> (&'static str, &'static PackedFile) {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(content).unwrap();
        let file = PackedFile {
            name,
            hash: "0123",
            brotli: b"in brotli",
            gzip: encoder.finish().unwrap().leak(),
        };
        (name, Box::leak(Box::new(file)))
    }

    #[tokio::test]
    async fn a_packed_file_is_sent_in_the_form_that_the_browser_takes() {
        let script = packed_file("app-4d23be87ad06f9f6.js", b"import");
        let index = packed_file("index.html", b"<meta charset=\"utf-8\"><title>x</head>");
        let gzip = script.1.gzip;
        let page = PageSource::Embedded(HashMap::from([script, index]));
        let ask = async |path: &str, accepts: &str| {
            let headers = HeaderMap::from_iter([(header::ACCEPT_ENCODING, accepts.parse().unwrap())]);
            let (answer, _) = page.answer(path, &headers, false);
            let text = |name: header::HeaderName| {
                answer
                    .headers()
                    .get(name)
                    .map(|value| value.to_str().unwrap().to_owned())
            };
            let shown = (text(header::CONTENT_ENCODING), text(header::ETAG).unwrap());
            (
                shown,
                axum::body::to_bytes(answer.into_body(), 1_000).await.unwrap().to_vec(),
            )
        };
        let shown = |encoding: Option<&str>, etag: &str| (encoding.map(str::to_owned), etag.to_owned());
        let script = "/app-4d23be87ad06f9f6.js";
        assert_eq!(
            ask(script, "gzip, br").await,
            (shown(Some("br"), "\"0123-br\""), b"in brotli".to_vec())
        );
        assert_eq!(
            ask(script, "gzip").await,
            (shown(Some("gzip"), "\"0123-gz\""), gzip.to_vec())
        );
        assert_eq!(
            ask(script, "identity").await,
            (shown(None, "\"0123\""), b"import".to_vec())
        );
        let (form, content) = ask("/", "gzip, br").await;
        assert_eq!(form, shown(None, "\"0123\""));
        let marked = format!("{CHARSET}{MARK}<title>x{SESSION}</head>");
        assert_eq!(String::from_utf8(content).unwrap(), marked);
    }

    #[test]
    fn an_address_names_its_file_or_its_folders_page() {
        assert_eq!(names_at("/"), ["index.html"]);
        assert_eq!(names_at("/pools"), ["pools", "pools/index.html"]);
        assert_eq!(names_at("/pools/"), ["pools/index.html"]);
        for path in [
            "/../x",
            "/a//b",
            "//",
            "/.stage/x",
            "/%2e%2e/x",
            "/a\\b",
            "/a/./b",
            "",
            "/c:/x",
            "/a/..",
            "*",
        ] {
            assert!(names_at(path).is_empty(), "{path}");
        }
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        for name in [
            "app-4d23be87ad06f9f6.js",
            "app-4d23be87ad06f9f6_bg.wasm",
            "lab-simd-569bac276feb8058.js",
        ] {
            assert!(is_hashed(name), "{name}");
        }
        for name in [
            "index.html",
            "sw.js",
            "what-if/index.html",
            "favicon.svg",
            "manifest.webmanifest",
            "app-shortened.js",
        ] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn the_policy_of_a_page_is_read_from_it() {
        let page = "<head><meta charset=\"utf-8\"><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; a 'b'\"></head><p>";
        assert_eq!(own_policy(page), Some("default-src 'none'; a 'b'"));
        assert_eq!(own_policy("<p>"), None);
        let answer = visited(page.as_bytes());
        let policy = answer
            .headers()
            .get("content-security-policy")
            .and_then(|value| value.to_str().ok());
        assert_eq!(policy, Some("default-src 'none'; a 'b'; frame-ancestors 'none'"));
    }
}
