//! Paths in tokens that no parser of Rust reads: the inside of macros and of attributes.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::Attribute;

/// Paths of two names or more, and single names that can only be an item: those in capitals, and what is called.
pub fn paths(stream: TokenStream) -> Vec<(Vec<String>, usize)> {
    let mut found = Vec::new();
    collect(stream, &mut found);
    found
}

fn collect(stream: TokenStream, found: &mut Vec<(Vec<String>, usize)>) {
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut at = 0;
    while let Some(tree) = trees.get(at) {
        match tree {
            TokenTree::Group(group) => collect(group.stream(), found),
            TokenTree::Ident(first) => {
                let mut path = vec![first.to_string()];
                let mut end = at + 1;
                while is_colons(&trees, end) {
                    let Some(TokenTree::Ident(name)) = trees.get(end + 2) else {
                        break;
                    };
                    path.push(name.to_string());
                    end += 3;
                }
                let before = at.checked_sub(1).and_then(|before| trees.get(before));
                let is_dollar = is_punct(before, '$');
                let is_field = is_punct(before, '.') || is_punct(before, '\'');
                let is_variable = is_dollar && first != "crate";
                if !is_field && !is_variable && (path.len() > 1 || is_item(&path[0], trees.get(end))) {
                    found.push((path, first.span().start().line));
                }
                at = end;
                continue;
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
}

fn is_item(name: &str, next: Option<&TokenTree>) -> bool {
    let is_called = matches!(next, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis);
    name.starts_with(char::is_uppercase) || is_called
}

fn is_punct(tree: Option<&TokenTree>, sign: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == sign)
}

fn is_colons(trees: &[TokenTree], at: usize) -> bool {
    is_punct(trees.get(at), ':') && is_punct(trees.get(at + 1), ':')
}

/// Paths that serde reads from strings: `with = "crate::text"`.
pub fn paths_in_serde(stream: TokenStream) -> Vec<(Vec<String>, usize)> {
    const NAME_CODE: &[&str] = &[
        "with",
        "serialize_with",
        "deserialize_with",
        "default",
        "from",
        "into",
        "try_from",
        "skip_serializing_if",
        "bound",
    ];
    let trees: Vec<TokenTree> = stream.into_iter().collect();
    let mut found = Vec::new();
    for three in trees.windows(3) {
        if let [TokenTree::Ident(key), TokenTree::Punct(_), TokenTree::Literal(value)] = three
            && NAME_CODE.iter().any(|name| key == name)
            && let Ok(code) = value.to_string().trim_matches('"').parse::<TokenStream>()
        {
            let line = value.span().start().line;
            let all = names(code);
            found.extend(all.into_iter().map(|path| (path, line)));
        }
    }
    found
}

/// Every path, single names too.
fn names(code: TokenStream) -> Vec<Vec<String>> {
    let text = code.to_string().replace(' ', "");
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':')
        .filter(|path| !path.is_empty())
        .map(|path| path.split("::").map(str::to_owned).collect())
        .collect()
}

/// Whether something is compiled for tests alone.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let path = attribute.path();
        path.is_ident("test")
            || (path.is_ident("cfg")
                && attribute.parse_args::<TokenStream>().is_ok_and(|tokens| {
                    let text = tokens.to_string();
                    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
                    words.contains(&"test") && !words.contains(&"not")
                }))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(code: &str) -> Vec<String> {
        let found = paths(code.parse().unwrap());
        found.into_iter().map(|(path, _)| path.join("::")).collect()
    }

    #[test]
    fn paths_are_found_at_any_depth_and_fields_are_not() {
        let code =
            "<Card class=\"x\"> {move || { super::words::card(self.name, one.two(), LIMIT) }} {shown(x)} </Card>";
        assert_eq!(all(code), ["Card", "super::words::card", "LIMIT", "shown", "Card"]);
    }

    #[test]
    fn a_macro_s_own_crate_is_a_path_and_its_variables_are_not() {
        assert_eq!(all("$crate::values::Ix($name::X, $x)"), ["crate::values::Ix"]);
    }

    #[test]
    fn serde_s_strings_are_paths() {
        let code = "rename = \"not_a::path\", with = \"crate::packed::lists\", into = \"Vec<Outcome>\"";
        let found: Vec<String> = paths_in_serde(code.parse().unwrap())
            .into_iter()
            .map(|(path, _)| path.join("::"))
            .collect();
        assert_eq!(found, ["crate::packed::lists", "Vec", "Outcome"]);
    }
}
