use super::*;
use crate::facts;

/// The arrows of a crate made of these files, as `from > to: name`.
fn arrows(files: &[(&str, &str)]) -> Vec<String> {
    let facts: Vec<(&str, Facts)> = files
        .iter()
        .map(|(path, text)| (*path, facts::of(text).unwrap()))
        .collect();
    let files = facts.iter().map(|(path, facts)| (*path, facts)).collect();
    let tree = Tree::new("ours", "lib.rs", &files);
    assert_eq!(tree.missing, [""; 0]);
    assert_eq!(tree.unresolved(), [""; 0]);
    tree.arrows()
        .iter()
        .map(|arrow| format!("{} > {}: {}", arrow.from, arrow.to, arrow.name))
        .collect()
}

#[test]
fn imports_lead_to_the_file_that_defines_the_name_through_every_reexport() {
    let files = [
        ("lib.rs", "mod a; mod b; pub use a::Deep;"),
        ("a/mod.rs", "mod deep; pub use deep::*; pub struct Shallow;"),
        ("a/deep.rs", "pub struct Deep; pub fn deep() {}"),
        (
            "b.rs",
            "use crate::{Deep as D, a::{self, Shallow, deep}}; use std::fmt;",
        ),
    ];
    assert_eq!(
        arrows(&files),
        [
            "b.rs > a/deep.rs: crate::Deep",
            "b.rs > a/deep.rs: crate::a::deep",
            "b.rs > a/mod.rs: crate::a::Shallow"
        ]
    );
}

#[test]
fn paths_in_code_types_and_macros_are_arrows_too() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; mod d; mod e;"),
        ("a.rs", "pub struct A; impl A { pub fn new() -> Self { Self } }"),
        ("b.rs", "pub fn b() {}"),
        ("c.rs", "use crate::a; fn c(x: super::a::A) {}"),
        (
            "d.rs",
            "use super::{a, b}; fn d() { let a = a::A::new(); view! { <p>{b::b()}</p> } }",
        ),
        (
            "e.rs",
            "#[serde(with = \"crate::b\")] struct E(#[serde(default = \"crate::b::b\")] u8);",
        ),
    ];
    assert_eq!(
        arrows(&files),
        [
            "c.rs > a.rs: super::a::A",
            "d.rs > a.rs: a::A::new",
            "d.rs > b.rs: b::b",
            "e.rs > b.rs: crate::b::b"
        ]
    );
}

#[test]
fn a_reexport_alone_is_no_arrow_but_the_use_of_its_name_in_code_is() {
    let below = [
        ("a.rs", "use super::Below; pub struct A;"),
        ("below.rs", "pub struct Below;"),
    ];
    let signpost = "mod a; mod below; pub use a::A; pub(crate) use below::Below;";
    assert_eq!(
        arrows(&[("lib.rs", signpost), below[0], below[1]]),
        ["a.rs > below.rs: super::Below"]
    );
    let user = "mod a; mod below; pub use a::A; use below::Below; pub struct Root(A);";
    assert_eq!(
        arrows(&[("lib.rs", user), below[0], below[1]]),
        [
            "a.rs > below.rs: super::Below",
            "lib.rs > a.rs: A",
            "lib.rs > below.rs: below::Below"
        ]
    );
}

#[test]
fn a_module_and_a_function_of_one_name_are_distinguished() {
    let files = [
        ("lib.rs", "mod ways; mod user; pub use ways::ways;"),
        ("ways.rs", "pub fn ways() {} pub struct Ways;"),
        ("user.rs", "use crate::ways; fn f() { ways(); ways::Ways; }"),
    ];
    assert_eq!(
        arrows(&files),
        [
            "user.rs > ways.rs: crate::ways",
            "user.rs > ways.rs: ways",
            "user.rs > ways.rs: ways::Ways"
        ]
    );
}

#[test]
fn modules_inside_a_file_see_what_it_imports_only_by_name_or_glob() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub struct A; pub struct Other;"),
        (
            "b.rs",
            "use crate::a::A; mod inner { use super::*; mod tests { fn f(_: super::super::A) {} } fn g(_: A, _: Other) {} }",
        ),
    ];
    assert_eq!(
        arrows(&files),
        [
            "b.rs > a.rs: A",
            "b.rs > a.rs: crate::a::A",
            "b.rs > a.rs: super::super::A"
        ]
    );
}

#[test]
fn locals_fields_and_other_crates_are_no_arrows() {
    let files = [
        ("lib.rs", "mod a; pub use a::{side, Side};"),
        ("a.rs", "pub fn side() {} pub struct Side;"),
    ];
    assert_eq!(arrows(&files), [""; 0]);
    let used = [
        (
            "lib.rs",
            "mod a; pub use a::{side, Side}; fn f() { let side = 1; g!(x.side(), other::side()); side; }",
        ),
        files[1],
    ];
    assert_eq!(arrows(&used), [""; 0]);
    let called = [("lib.rs", "mod a; pub use a::side; fn f() { side(); }"), files[1]];
    assert_eq!(arrows(&called), ["lib.rs > a.rs: side"]);
}

#[test]
fn names_that_a_macro_defines_belong_to_its_file() {
    let files = [
        ("lib.rs", "mod ids; pub use ids::Ix; mod b;"),
        ("ids.rs", "make!(Ix);"),
        ("b.rs", "use crate::Ix;"),
    ];
    assert_eq!(arrows(&files), ["b.rs > ids.rs: crate::Ix"]);
}

#[test]
fn reexports_that_go_round_end() {
    let files = [
        ("lib.rs", "mod a; mod b;"),
        ("a.rs", "pub use crate::b::*;"),
        ("b.rs", "pub use crate::a::*; pub struct B;"),
    ];
    let user = [
        files[0],
        files[1],
        ("b.rs", "pub use crate::a::*; pub struct B; fn f(_: Missing) {}"),
    ];
    assert_eq!(arrows(&files), [""; 0]);
    assert_eq!(arrows(&user), [""; 0]);
}

#[test]
fn a_file_beside_its_folder_and_a_mod_rs_are_found() {
    let files = [
        ("lib.rs", "mod a { mod inside; } mod b; mod c;"),
        ("a/inside.rs", "use crate::b::deep::Deep;"),
        ("b.rs", "pub mod deep;"),
        ("b/deep.rs", "pub struct Deep;"),
        ("c/mod.rs", "mod d;"),
        ("c/d.rs", "use super::super::b::deep::Deep;"),
    ];
    assert_eq!(
        arrows(&files),
        [
            "a/inside.rs > b/deep.rs: crate::b::deep::Deep",
            "c/d.rs > b/deep.rs: super::super::b::deep::Deep"
        ]
    );
}
