//! The table of operations, to build a path and to match one.

use crate::transport::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Everything but RFC 3986's unreserved characters is escaped in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $method:ident $template:literal;)+) => {
        /// An operation of the contract: fifteen of Dynamic IP Pools, then supporting ones.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Operation {
            $($(#[$doc])* $name,)+
        }

        impl Operation {
            /// All of them, in the contract's order.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Its method.
            #[must_use]
            pub const fn method(self) -> Method {
                match self { $(Self::$name => Method::$method,)+ }
            }

            /// Its path, with `{…}` for each value.
            #[must_use]
            pub const fn template(self) -> &'static str {
                match self { $(Self::$name => $template,)+ }
            }
        }
    };
}

operations! {
    /// 1. The account's pools.
    ListPools = Get "/v3/dynamic_pools";
    /// 2. Set the IPs of all three pools.
    SetPools = Post "/v3/dynamic_pools/all";
    /// 3. Remove all three pools.
    RemovePools = Delete "/v3/dynamic_pools/all";
    /// 4. Add one IP to a pool.
    AddIp = Post "/v3/dynamic_pools/{pool_name}/{ip}";
    /// 5. Add and remove IPs of a pool.
    ChangePool = Patch "/v3/dynamic_pools/{pool_name}";
    /// 6. Enroll one domain.
    Enroll = Post "/v3/domains/{name}/dynamic_pools";
    /// 7. Take one domain out.
    RemoveDomain = Delete "/v3/domains/{name}/dynamic_pools";
    /// 8. Domains that are not enrolled.
    ListAssignable = Get "/v3/domains/dynamic_pools/assignable";
    /// 9. Start enrolling every domain.
    EnrollAll = Post "/v3/domains/all/dynamic_pools/enroll";
    /// 10. Enrolled domains.
    ListDomains = Get "/v1/dynamic_pools/domains";
    /// 11. A health check that changes nothing.
    Preview = Get "/v1/dynamic_pools/domains/{name}/preview";
    /// 12. Pin a domain's pool.
    SetOverride = Put "/v1/dynamic_pools/domains/{name}/override";
    /// 13. Unpin it.
    RemoveOverride = Delete "/v1/dynamic_pools/domains/{name}/override";
    /// 14. One domain's history.
    DomainHistory = Get "/v1/dynamic_pools/domains/{name}/history";
    /// 15. History over all domains.
    History = Get "/v1/dynamic_pools/history";
    /// 16. The account's IPs.
    ListIps = Get "/v3/ips";
    /// 17. One IP.
    GetIp = Get "/v3/ips/{ip}";
    /// 18. IPs that are warming up.
    ListWarmUps = Get "/v3/ip_warmups";
    /// 19. Standard dedicated IP pools.
    ListIpPools = Get "/v3/ip_pools";
    /// 20. Subaccounts.
    ListSubaccounts = Get "/v5/accounts/subaccounts";
    /// 21. Daily counts.
    Metrics = Post "/v1/analytics/metrics";
    /// 22. End an IP's warm-up.
    CancelWarmUp = Delete "/v3/ip_warmups/{addr}";
    /// 23. Link IPs to subaccounts, and unlink them.
    LinkIps = Patch "/v3/ips/subaccounts";
    /// 24. Where the mail goes that a warming IP may not send.
    IpSettings = Get "/v3/ips/account/settings";
    /// 25. The account's domains, enrolled or not.
    ListAccountDomains = Get "/v4/domains";
    /// 26. The domains that send from one IP.
    ListIpDomains = Get "/v3/ips/{ip}/domains";
    /// 27. The domains linked to a standard dedicated IP pool.
    ListPoolDomains = Get "/v3/ip_pools/{pool_id}/domains";
}

/// A value that can't be a path segment: empty, `.` or `..`, which browsers and proxies remove.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("“{value}” can't be addressed as {place}")]
pub struct InvalidPathValue {
    /// The template's placeholder, without braces.
    pub place: &'static str,
    /// The value.
    pub value: String,
}

/// A matched path: the operation and its decoded path values, in the template's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchedPath {
    /// The operation.
    pub operation: Operation,
    /// The values in place of `{…}`.
    pub values: Vec<String>,
}

impl MatchedPath {
    /// The value of a placeholder by position; empty when the template has no such placeholder.
    #[must_use]
    pub fn value(&self, at: usize) -> &str {
        self.values.get(at).map_or("", String::as_str)
    }
}

/// Why a request matches no operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathError {
    /// No operation has such a path.
    UnknownPath,
    /// The path is known, with these methods.
    WrongMethod(Vec<Method>),
}

impl Operation {
    /// Whether it changes nothing. The metrics query is a read although it is a POST.
    #[must_use]
    pub const fn is_read(self) -> bool {
        self.method().is_read() || matches!(self, Self::Metrics)
    }

    /// The path with values in place of `{…}`, in order, escaped.
    ///
    /// # Errors
    /// [`InvalidPathValue`] for a missing value or one that can't be a path segment.
    pub fn path(self, values: &[&str]) -> Result<String, InvalidPathValue> {
        let mut values = values.iter();
        let mut path = String::new();
        for segment in segments(self.template()) {
            path.push('/');
            let Some(place) = placeholder(segment) else {
                path.push_str(segment);
                continue;
            };
            match values.next().copied().unwrap_or_default() {
                value @ ("" | "." | "..") => {
                    let value = value.to_owned();
                    return Err(InvalidPathValue { place, value });
                }
                value => path.extend(utf8_percent_encode(value, SEGMENT)),
            }
        }
        Ok(path)
    }

    /// Matches a method and a path. A literal segment wins over a placeholder, whatever the method: `all` is not a pool's name
    /// where the contract has `all`.
    ///
    /// # Errors
    /// [`PathError`] when no operation has the path, or none has it with this method.
    pub fn find(method: Method, path: &str) -> Result<MatchedPath, PathError> {
        let matching = Self::ALL.iter().copied().filter_map(|operation| {
            let values = match_template(operation.template(), path)?;
            Some(MatchedPath { operation, values })
        });
        let mut matching: Vec<MatchedPath> = matching.collect();
        let fewest = matching.iter().map(|found| found.values.len()).min();
        matching.retain(|found| Some(found.values.len()) == fewest);
        let allowed: Vec<Method> = matching.iter().map(|found| found.operation.method()).collect();
        match matching.into_iter().find(|found| found.operation.method() == method) {
            Some(found) => Ok(found),
            None if allowed.is_empty() => Err(PathError::UnknownPath),
            None => Err(PathError::WrongMethod(allowed)),
        }
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

fn match_template(template: &str, path: &str) -> Option<Vec<String>> {
    let path = path.strip_suffix('/').unwrap_or(path);
    let mut given = segments(path);
    let mut values = Vec::new();
    for segment in segments(template) {
        let given = percent_decode_str(given.next()?).decode_utf8_lossy();
        if placeholder(segment).is_some() {
            if given.is_empty() {
                return None;
            }
            values.push(given.into_owned());
        } else if given != segment {
            return None;
        }
    }
    given.next().is_none().then_some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(method: Method, path: &str) -> Option<(Operation, Vec<String>)> {
        Operation::find(method, path).ok().map(|m| (m.operation, m.values))
    }

    #[test]
    fn every_operation_is_found_by_the_path_it_builds() {
        for operation in Operation::ALL.iter().copied() {
            let values: Vec<&str> = segments(operation.template())
                .filter_map(placeholder)
                .map(|place| {
                    if matches!(place, "ip" | "addr") {
                        "2001:db8::1"
                    } else {
                        "a/b ü%.example"
                    }
                })
                .collect();
            let path = operation.path(&values).unwrap();
            let values = values.into_iter().map(str::to_owned).collect();
            assert_eq!(found(operation.method(), &path), Some((operation, values)), "{path}");
        }
    }

    #[test]
    fn the_literal_all_is_not_a_pool() {
        assert_eq!(
            found(Method::Post, "/v3/dynamic_pools/all"),
            Some((Operation::SetPools, vec![]))
        );
        assert_eq!(
            found(Method::Delete, "/v3/dynamic_pools/all"),
            Some((Operation::RemovePools, vec![]))
        );
        assert_eq!(
            found(Method::Patch, "/v3/dynamic_pools/dynamic_good"),
            Some((Operation::ChangePool, vec!["dynamic_good".to_owned()]))
        );
        assert_eq!(
            found(Method::Post, "/v3/domains/all/dynamic_pools/enroll"),
            Some((Operation::EnrollAll, vec![]))
        );
        assert_eq!(
            found(Method::Get, "/v3/domains/dynamic_pools/assignable"),
            Some((Operation::ListAssignable, vec![]))
        );
    }

    #[test]
    fn unknown_paths_and_methods_are_told_apart() {
        assert_eq!(Operation::find(Method::Get, "/v3/nothing"), Err(PathError::UnknownPath));
        assert_eq!(
            Operation::find(Method::Get, "/v3/domains//dynamic_pools"),
            Err(PathError::UnknownPath)
        );
        assert_eq!(
            Operation::find(Method::Get, "/v1/dynamic_pools/domains/a.example/override"),
            Err(PathError::WrongMethod(vec![Method::Put, Method::Delete]))
        );
        assert_eq!(
            Operation::find(Method::Put, "/v3/dynamic_pools"),
            Err(PathError::WrongMethod(vec![Method::Get]))
        );
        // Neither a pool nor an IP of that name.
        assert_eq!(
            Operation::find(Method::Patch, "/v3/dynamic_pools/all"),
            Err(PathError::WrongMethod(vec![Method::Post, Method::Delete]))
        );
        // An IP's domains are no settings of the account, and no pool has any by another path.
        assert_eq!(
            found(Method::Get, "/v3/ips/2001%3Adb8%3A%3A1/domains"),
            Some((Operation::ListIpDomains, vec!["2001:db8::1".to_owned()]))
        );
        assert_eq!(
            Operation::find(Method::Delete, "/v3/ips/192.0.2.1/domains"),
            Err(PathError::WrongMethod(vec![Method::Get]))
        );
        assert_eq!(
            Operation::find(Method::Get, "/v3/ips/subaccounts"),
            Err(PathError::WrongMethod(vec![Method::Patch]))
        );
    }

    #[test]
    fn values_a_path_would_lose_are_refused() {
        for bad in ["", ".", ".."] {
            let refused = InvalidPathValue {
                place: "name",
                value: bad.to_owned(),
            };
            assert_eq!(Operation::Enroll.path(&[bad]), Err(refused));
        }
    }
}
