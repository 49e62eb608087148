//! One HTML file for each page of the app, so that a link to any page works on a host that serves only files.
//!
//! The app may be in any folder of the host, so all links are relative to that folder. A page's file is one folder deeper and
//! says so in `<base>`. Only `404.html`, which answers for any address, has to search for the app's folder.

use crate::cache::create_folder;
use crate::problem::{Problem, Result};
use std::path::{Path, PathBuf};

/// The pages besides the first, by their routes: one folder each.
pub const PAGES: [&str; 8] = [
    "pools", "domains", "domain", "history", "changes", "record", "what-if", "settings",
];

// A host may serve a page as `pools`, `pools/` or `pools/index.html`. The router knows the first form; `<base>` is relative to
// the others. So the script sets both from the address.
const PAGE_ADDRESS: &str = r#"{const p=location.pathname.replace(/\/(index\.html)?$/,"");document.querySelector("base").href=p.replace(/[^/]*$/,"");if(p!==location.pathname)history.replaceState(history.state,"",p+location.search+location.hash)}"#;
// `404.html` answers for addresses at any depth. The app's folder is the nearest one above with the app's manifest. The request
// is synchronous, because the links further down need `<base>`.
const MISSING_ADDRESS: &str = r#"{const p=location.pathname.replace(/\/(index\.html)?$/,""),up=[];for(let f=p;f&&up.length<16;f=f.slice(0,-1))up.push(f=f.replace(/[^/]*$/,""));const is=f=>{try{const r=new XMLHttpRequest;r.open("GET",f+"manifest.webmanifest",false);r.send();return r.status===200&&JSON.parse(r.responseText).short_name==="Poolkeeper"}catch{return false}};document.querySelector("base").href=up.find(is)??up[0]??"/";if(p&&p!==location.pathname)history.replaceState(history.state,"",p+location.search+location.hash)}"#;
const FIRST_ADDRESS: &str = r#"if(location.pathname.endsWith("/index.html"))history.replaceState(history.state,"","./"+location.search+location.hash);"#;
const OFFLINE: &str = r#"if("serviceWorker"in navigator)addEventListener("load",()=>navigator.serviceWorker.register("sw.js").catch(e=>console.warn("This page will not open without a network:",e)))"#;

/// The app's HTML files. Many hosts answer with `404.html` where there is no file; the app then shows its own message.
pub fn files(dist: &Path) -> Vec<PathBuf> {
    let own = ["index.html", "404.html"].map(|name| dist.join(name));
    own.into_iter()
        .chain(PAGES.map(|page| dist.join(page).join("index.html")))
        .collect()
}

/// Completes `index.html` and writes its copies.
pub fn write(dist: &Path) -> Result<()> {
    let index = dist.join("index.html");
    let bundled = std::fs::read_to_string(&index).map_err(|error| Problem::file("read", &index, &error))?;
    let save =
        |file: &Path, text: String| std::fs::write(file, text).map_err(|error| Problem::file("write", file, &error));
    for page in PAGES {
        let folder = dist.join(page);
        create_folder(&folder)?;
        let page = headed(&complete(&bundled, "../", PAGE_ADDRESS)?, page)?;
        save(&folder.join("index.html"), page)?;
    }
    save(&dist.join("404.html"), complete(&bundled, "./", MISSING_ADDRESS)?)?;
    save(&index, headed(&complete(&bundled, "./", FIRST_ADDRESS)?, "./")?)
}

/// A page whose first look, before the app is there, has the page's link marked and its heading; the first page also what
/// Poolkeeper is. A page that is not in the navigation stays as it is.
fn headed(page: &str, link: &str) -> Result<String> {
    const PLACE: &str = "<!--heading-->";
    let found = |text: Option<&str>, what: &str| {
        let missing = || Problem::new(format!("index.html has no {what}"));
        text.map(str::to_owned).ok_or_else(missing)
    };
    let (_, description) = page
        .split_once("<meta name=\"description\" content=\"")
        .unwrap_or_default();
    let description = found(description.split_once('"').map(|(text, _)| text), "description")?;
    found(page.find(PLACE).map(|_| ""), PLACE)?;
    let tag = format!("<a href=\"{link}\">");
    let Some((_, rest)) = page.split_once(&tag) else {
        return Ok(page.to_owned());
    };
    let title = found(rest.split_once("</a>").map(|(title, _)| title), "title in its link")?;
    let lead = if link == "./" {
        format!("<p class=\"lead\">{description}</p>")
    } else {
        String::new()
    };
    let heading = format!("<div class=\"page-head\"><div><h1>{title}</h1>{lead}</div></div>");
    let marked = format!("<a href=\"{link}\" aria-current=\"page\">");
    Ok(page.replacen(&tag, &marked, 1).replacen(PLACE, &heading, 1))
}

fn complete(bundled: &str, base: &str, address: &str) -> Result<String> {
    let misfit = || Problem::new("index.html has no <base href=\"./\"> before its </head>: Trunk did not write it.");
    let (before, rest) = bundled.split_once("<base").ok_or_else(misfit)?;
    let (_, rest) = rest.split_once('>').ok_or_else(misfit)?;
    let (head, body) = rest.split_once("</head>").ok_or_else(misfit)?;
    Ok(format!(
        "{before}<base href=\"{base}\"><script>{address}</script>{head}<script>{OFFLINE}</script></head>{body}"
    ))
}

#[cfg(test)]
mod tests {
    use super::{complete, files, write};

    const BUNDLED: &str = "<html><head><meta name=\"description\" content=\"What it is\"><base href=\"./\"/>\
        <link href=\"./app.css\"></head><body><a href=\"./\">Overview</a><a href=\"pools\">Pools</a><!--heading--></body></html>";

    #[test]
    fn a_page_looks_for_its_files_in_the_folder_above() {
        let page = complete(BUNDLED, "../", "A").unwrap();
        let based = "<base href=\"../\"><script>A</script><link href=\"./app.css\"><script>";
        assert!(
            page.contains(based) && page.contains("</script></head><body><a "),
            "{page}"
        );
    }

    #[test]
    fn html_without_a_base_is_refused() {
        assert!(complete("<head></head>", "./", "").is_err());
    }

    #[test]
    fn every_page_is_a_file_of_its_own() {
        let dist = std::env::temp_dir().join(format!("xtask-pages-{}", std::process::id()));
        std::fs::create_dir_all(&dist).unwrap();
        std::fs::write(dist.join("index.html"), BUNDLED).unwrap();
        write(&dist).unwrap();
        let read = |file: &str| std::fs::read_to_string(dist.join(file)).unwrap();
        let base = |file: &str| read(file).contains("<base href=\"../\">");
        assert!(base("pools/index.html") && base("what-if/index.html") && !base("index.html"));
        let heading =
            |title: &str, lead: &str| format!("<div class=\"page-head\"><div><h1>{title}</h1>{lead}</div></div>");
        let first = read("index.html");
        assert!(
            first.contains(&heading("Overview", "<p class=\"lead\">What it is</p>")),
            "{first}"
        );
        let pools = read("pools/index.html");
        let nav = "<a href=\"./\">Overview</a><a href=\"pools\" aria-current=\"page\">Pools</a>";
        assert!(pools.contains(&heading("Pools", "")) && pools.contains(nav), "{pools}");
        // A page that the navigation does not name, and one for any address, say nothing of where one is.
        assert!(!read("domain/index.html").contains("<h1>") && !read("404.html").contains("<h1>"));
        assert!(files(&dist).iter().all(|file| file.is_file()));
        std::fs::remove_dir_all(dist).unwrap();
    }
}
