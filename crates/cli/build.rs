//! Packs the built page into the program: each file with brotli and gzip, and a hash of its content.
//!
//! The page is the folder `POOLKEEPER_DIST`, or else `page/` in this crate, or else `dist/` of the workspace. Without any of
//! them the program is built without a page and says so when it is started.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::error::Error;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hasher};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

const FOLDER: &str = "POOLKEEPER_DIST";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed={FOLDER}");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("no OUT_DIR")?);
    let mut code = "pub(super) static PACKED: &[PackedFile] = &[\n".to_owned();
    if let Some(dist) = page()? {
        // Named only where it exists: Cargo takes a missing path as changed, and would build this crate each time.
        println!("cargo:rerun-if-changed={}", dist.display());
        for (number, name) in files(&dist)?.iter().enumerate() {
            code.push_str(&pack(&dist, name, &out, number)?);
        }
    }
    code.push_str("];\n");
    fs::write(out.join("page.rs"), code)?;
    Ok(())
}

/// The folder of the page, made absolute. A folder that was named must hold one.
fn page() -> Result<Option<PathBuf>, Box<dyn Error>> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("no CARGO_MANIFEST_DIR")?);
    if let Some(folder) = env::var_os(FOLDER).filter(|folder| !folder.is_empty()) {
        let folder = manifest.join("../..").join(folder);
        if !is_built(&folder) {
            return Err(format!(
                "{FOLDER}: {} holds no page built by cargo xtask build",
                folder.display()
            )
            .into());
        }
        return Ok(Some(fs::canonicalize(folder)?));
    }
    let found = ["page", "../../dist"]
        .map(|folder| manifest.join(folder))
        .into_iter()
        .find(|folder| is_built(folder));
    Ok(found.map(fs::canonicalize).transpose()?)
}

/// What `cargo xtask run` serves has neither a page for missing files nor a Content-Security-Policy.
fn is_built(folder: &Path) -> bool {
    folder.join("404.html").is_file()
        && fs::read_to_string(folder.join("index.html")).is_ok_and(|index| index.contains("Content-Security-Policy"))
}

/// Names of all files below a folder, in order.
fn files(folder: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let (mut names, mut folders) = (Vec::new(), vec![String::new()]);
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let own = entry
                .file_name()
                .into_string()
                .map_err(|name| format!("{} is not UTF-8", name.display()))?;
            // Such as the folder in which Trunk prepares a build.
            if own.starts_with('.') {
                continue;
            }
            let name = if below.is_empty() {
                own
            } else {
                format!("{below}/{own}")
            };
            if entry.file_type()?.is_dir() {
                folders.push(name);
            } else {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

/// Writes a file's two packed forms and gives its row of the table.
fn pack(dist: &Path, name: &str, out: &Path, number: usize) -> Result<String, Box<dyn Error>> {
    let content = fs::read(dist.join(name))?;
    let (brotli, gzip) = (out.join(format!("{number}.br")), out.join(format!("{number}.gz")));
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let params = brotli::enc::BrotliEncoderParams {
        // The best takes minutes without optimisation.
        quality: if is_release { 11 } else { 4 },
        size_hint: content.len(),
        ..Default::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut content.as_slice(), &mut packed, &params)?;
    fs::write(&brotli, packed)?;
    let mut encoder = GzEncoder::new(
        Vec::new(),
        if is_release {
            Compression::best()
        } else {
            Compression::fast()
        },
    );
    encoder.write_all(&content)?;
    fs::write(&gzip, encoder.finish()?)?;
    let mut hasher = DefaultHasher::new();
    hasher.write(&content);
    let mut row = String::new();
    writeln!(
        row,
        "PackedFile {{ name: {name:?}, hash: {:?}, brotli: include_bytes!({brotli:?}), gzip: include_bytes!({gzip:?}) }},",
        format!("{:016x}", hasher.finish()),
    )?;
    Ok(row)
}
