//! Texts that people read, in a file of Rust: string literals, and the comments that the command line shows as help.

use crate::tokens::is_test;
use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

/// A text, and the line it begins on.
pub struct Text {
    pub text: String,
    pub line: usize,
}

/// Attributes of elements that are read by a browser, not by a person.
const NOT_READ: &[&str] = &[
    "class",
    "id",
    "href",
    "src",
    "for",
    "name",
    "type",
    "role",
    "style",
    "target",
    "rel",
    "key",
    "autocomplete",
    "inputmode",
    "list",
    "scope",
    "aria-controls",
    "aria-labelledby",
    "aria-describedby",
    "aria-live",
];

/// Attributes of Rust whose strings no user reads.
const NOT_SHOWN: &[&str] = &[
    "doc",
    "serde",
    "cfg",
    "cfg_attr",
    "allow",
    "expect",
    "deny",
    "warn",
    "must_use",
    "link",
    "wasm_bindgen",
    "deprecated",
];

pub fn of(file: &syn::File) -> Vec<Text> {
    let mut reader = Reader {
        texts: Vec::new(),
        is_help: false,
    };
    if !is_test(&file.attrs) {
        reader.visit_file(file);
    }
    reader.texts
}

struct Reader {
    texts: Vec<Text>,
    /// Comments are shown as help here.
    is_help: bool,
}

impl Reader {
    fn literal(&mut self, literal: &proc_macro2::Literal) {
        if let Lit::Str(text) = Lit::new(literal.clone()) {
            self.texts.push(Text {
                text: text.value(),
                line: literal.span().start().line,
            });
        }
    }

    fn tokens(&mut self, stream: TokenStream) {
        let (mut name, mut is_value) = (String::new(), false);
        for tree in stream {
            match tree {
                TokenTree::Ident(ident) => {
                    let continues = name.ends_with(['-', ':']);
                    if !continues {
                        name.clear();
                    }
                    name.push_str(&ident.to_string());
                    is_value = false;
                }
                TokenTree::Punct(punct) => match punct.as_char() {
                    sign @ ('-' | ':') => name.push(sign),
                    '=' => is_value = true,
                    _ => {
                        name.clear();
                        is_value = false;
                    }
                },
                TokenTree::Literal(literal) => {
                    if !(is_value && is_not_read(&name)) {
                        self.literal(&literal);
                    }
                    name.clear();
                    is_value = false;
                }
                TokenTree::Group(group) => {
                    // An attribute in the macro's tokens, and a value that is computed.
                    self.tokens(group.stream());
                    name.clear();
                    is_value = false;
                }
            }
        }
    }

    fn with_help(&mut self, attributes: &[Attribute], visit: impl FnOnce(&mut Self)) {
        if is_test(attributes) {
            return;
        }
        let before = self.is_help;
        self.is_help = before || attributes.iter().any(is_clap);
        visit(self);
        self.is_help = before;
    }
}

fn is_not_read(name: &str) -> bool {
    NOT_READ.contains(&name) || name.starts_with("data-") || name.starts_with("class:")
}

fn is_clap(attribute: &Attribute) -> bool {
    const SHOWN: &[&str] = &["Parser", "Args", "Subcommand", "ValueEnum"];
    matches!(&attribute.meta, Meta::List(list) if list.path.is_ident("derive")
        && list.tokens.clone().into_iter().any(|tree| matches!(tree, TokenTree::Ident(name) if SHOWN.iter().any(|shown| name == shown))))
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.with_help(&item.attrs, |reader| visit::visit_item_mod(reader, item));
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.with_help(&item.attrs, |reader| visit::visit_item_fn(reader, item));
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.with_help(&item.attrs, |reader| visit::visit_item_struct(reader, item));
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.with_help(&item.attrs, |reader| visit::visit_item_enum(reader, item));
    }

    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.texts.push(Text {
            text: text.value(),
            line: text.span().start().line,
        });
    }

    fn visit_macro(&mut self, invocation: &'ast syn::Macro) {
        self.tokens(invocation.tokens.clone());
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if self.is_help
            && attribute.path().is_ident("doc")
            && let Meta::NameValue(pair) = &attribute.meta
            && let Expr::Lit(ExprLit {
                lit: Lit::Str(text), ..
            }) = &pair.value
        {
            self.visit_lit_str(text);
        }
        let is_shown = !NOT_SHOWN.iter().any(|name| attribute.path().is_ident(name));
        if is_shown && let Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(code: &str) -> Vec<String> {
        of(&syn::parse_file(code).unwrap())
            .into_iter()
            .map(|text| text.text)
            .collect()
    }

    #[test]
    fn strings_in_code_and_in_macros_are_texts_and_class_names_are_not() {
        let code = r#"
            fn f() -> String { let a = "one"; format!("two {a}", b = "three");
              view! { <p class="not" class:not="not" title="four" aria-label="five" data-x="not">"six" {move || g("seven")}</p> } }
        "#;
        assert_eq!(all(code), ["one", "two {a}", "three", "four", "five", "six", "seven"]);
    }

    #[test]
    fn messages_of_errors_and_help_are_texts_and_other_attributes_are_not() {
        let code = r#"
            /// Not.
            #[derive(Debug, Error)] #[serde(rename = "not")] enum E { #[error("one {0}")] A(u8) }
            /// Two.
            #[derive(clap::Args)] struct A { /// Three.
              #[arg(long, value_name = "FOUR")] a: u8 }
            #[expect(clippy::panic, reason = "not")] fn f() {}
        "#;
        assert_eq!(all(code), ["one {0}", " Two.", " Three.", "FOUR"]);
    }

    #[test]
    fn tests_have_no_readers() {
        let code = "#[cfg(test)] mod tests { const A: &str = \"not\"; } #[test] fn f() { g(\"not\") }";
        assert!(all(code).is_empty());
    }
}
