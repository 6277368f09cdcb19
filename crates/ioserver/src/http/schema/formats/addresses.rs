//! Mail addresses, host names, and the URLs of the public web.

/// Atoms joined by dots, then at least two labels.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let is_atom = |atom: &str| {
        let special = b"!#$%&'*+/=?^_`{|}~-";
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || special.contains(&b))
    };
    local.split('.').all(is_atom) && domain.contains('.') && domain.split('.').all(is_label)
}

/// RFC 1123: labels of at most 63 characters, 253 in all, and a dot at the end if one likes.
pub(super) fn is_hostname(text: &str) -> bool {
    let name = text.strip_suffix('.').unwrap_or(text);
    (1..=253).contains(&name.len())
        && name.split('.').all(|label| label.len() <= 63 && is_label(label))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// `http`, `https` or `ftp`; a public IPv4 address or a name with a top-level domain; then a port
/// and a path.
pub(super) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let known = ["http", "https", "ftp"].iter().any(|known| scheme.eq_ignore_ascii_case(known));
    if !known || rest.contains(char::is_whitespace) {
        return false;
    }
    let users = rest.match_indices('@').filter(|(at, _)| *at > 0).map(|(at, _)| &rest[at + 1..]);
    users.chain([rest]).any(is_public_place)
}

fn is_public_place(text: &str) -> bool {
    let (place, _) = text.split_at(text.find('/').unwrap_or(text.len()));
    let (host, port) = match place.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (place, None),
    };
    let is_port = port.is_none_or(|port| {
        (2..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit())
    });
    is_port && (is_public_address(host) || is_public_name(host))
}

fn is_public_address(host: &str) -> bool {
    let Ok(address) = host.parse::<std::net::Ipv4Addr>() else { return false };
    let [first, _, _, last] = address.octets();
    (1..=223).contains(&first)
        && (1..=254).contains(&last)
        && first != 127
        && !address.is_private()
        && !address.is_link_local()
}

fn is_public_name(host: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || ('\u{a1}'..='\u{ffff}').contains(&c);
    let labels = host.split('.').collect::<Vec<_>>();
    let Some((top, names)) = labels.split_last() else { return false };
    let is_name = |label: &&str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| is_letter(c) || c.is_ascii_digit() || c == '-')
    };
    !names.is_empty()
        && names.iter().all(is_name)
        && top.chars().count() >= 2
        && top.chars().all(is_letter)
}
