//! The Content-Security-Policy of the pages.

use crate::pages;
use crate::problem::{Problem, Result};
use crate::setup::node;
use std::path::{Path, PathBuf};

/// What Trunk's reload script holds until the page is served, with what gives the same in a browser.
const PLACEHOLDERS: [(&str, &str); 2] = [
    ("'{{__TRUNK_ADDRESS__}}'", "location.host"),
    ("'{{__TRUNK_WS_BASE__}}'", "'/'"),
];

/// Writes the policy into every page: what it may load and run, and which addresses it may call. It holds hashes of the
/// page's scripts, so no later step may change them.
pub fn write(dist: &Path) -> Result<()> {
    write_into(&pages::files(dist))
}

/// The same for the page that `run` serves. Trunk fills in its reload script when the page is asked for, after its hash was
/// taken; so what it would fill in is replaced here.
pub fn write_served(dist: &Path) -> Result<()> {
    let page = dist.join("index.html");
    let html = std::fs::read_to_string(&page).map_err(|error| Problem::file("read", &page, &error))?;
    std::fs::write(&page, without_placeholders(&html)).map_err(|error| Problem::file("write", &page, &error))?;
    write_into(&[page])
}

fn without_placeholders(html: &str) -> String {
    PLACEHOLDERS.iter().fold(html.to_owned(), |html, (placeholder, value)| {
        html.replace(placeholder, value)
    })
}

fn write_into(pages: &[PathBuf]) -> Result<()> {
    node(include_str!("policy.mjs"), pages)
        .map(|_| ())
        .ok_or_else(|| Problem::new("Node could not write the Content-Security-Policy into the built pages."))
}

#[cfg(test)]
mod tests {
    use super::{without_placeholders, write};
    use crate::pages;

    #[test]
    fn the_reload_script_is_complete_before_its_hash_is_taken() {
        let script = "const address = '{{__TRUNK_ADDRESS__}}'; const base = '{{__TRUNK_WS_BASE__}}';";
        assert_eq!(
            without_placeholders(script),
            "const address = location.host; const base = '/';"
        );
    }

    #[test]
    fn scripts_of_the_page_are_allowed_by_their_content_and_no_others() {
        let dist = std::env::temp_dir().join(format!("xtask-policy-{}", std::process::id()));
        let page =
            r#"<head><meta charset="utf-8"><script>abc</script><script type="module" src="x.js"></script></head>"#;
        for file in pages::files(&dist) {
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, page).unwrap();
        }
        write(&dist).unwrap();
        let written = std::fs::read_to_string(dist.join("pools/index.html")).unwrap();
        std::fs::remove_dir_all(dist).unwrap();
        // SHA-256 of "abc", as FIPS 180-2 gives it, in base64.
        let hash = "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='";
        let scripts = format!("script-src 'self' 'wasm-unsafe-eval' {hash};");
        assert!(written.contains(&scripts), "{written}");
        let start =
            r#"<head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none';"#;
        assert!(written.starts_with(start), "{written}");
    }
}
