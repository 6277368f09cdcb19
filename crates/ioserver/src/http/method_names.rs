//! The methods that a route file's names stand for.

/// The method that a name stands for: the one of this name, the one of its snake_case form
/// (`getStatus` → `get_status`), or the one that is the same but for case and underscores
/// (`getUserByID` → `get_user_by_id`).
///
/// The error holds two methods that the name could stand for alike.
pub(crate) fn resolve<'n>(
    wanted: &str,
    mut known: impl Iterator<Item = &'n str> + Clone,
) -> Result<Option<&'n str>, [&'n str; 2]> {
    let snake = snake_case(wanted);
    let exact = known.clone().find(|name| *name == wanted);
    if let Some(name) = exact.or_else(|| known.clone().find(|name| *name == snake)) {
        return Ok(Some(name));
    }
    let letters = letters(wanted);
    let mut alike = known.by_ref().filter(|name| self::letters(name) == letters);
    match (alike.next(), alike.next()) {
        (Some(first), Some(second)) => Err([first, second]),
        (found, _) => Ok(found),
    }
}

/// The method that was probably meant by a name that none has.
pub(crate) fn nearest<'n>(wanted: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let wanted = letters(wanted);
    let most = (wanted.chars().count() / 3).max(1);
    let by_distance = known.map(|name| (distance(&wanted, &letters(name)), name));
    by_distance.filter(|(distance, _)| *distance <= most).min().map(|(_, name)| name)
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (index, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && index > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}

/// A name without underscores and case.
fn letters(name: &str) -> String {
    name.chars().filter(|letter| *letter != '_').flat_map(char::to_lowercase).collect()
}

/// How many letters must be put in, left out or replaced to make one of the other: Levenshtein's.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (index, letter) in one.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, against) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *against);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_camel_case_name_finds_the_snake_case_method() {
        let known = ["get_status", "getUser", "list"];
        let find = |name| resolve(name, known.into_iter()).unwrap();
        assert_eq!(find("getStatus"), Some("get_status"));
        assert_eq!(find("getUser"), Some("getUser"));
        assert_eq!(find("get_users"), None);
    }

    #[test]
    fn an_acronym_finds_its_method() {
        let known = ["get_user_by_id", "get_html", "get_u_r_l", "get_url", "oauth2_callback"];
        let find = |name| resolve(name, known.into_iter());
        assert_eq!(find("getUserByID"), Ok(Some("get_user_by_id")));
        assert_eq!(find("getHTML"), Ok(Some("get_html")));
        assert_eq!(find("OAuth2Callback"), Ok(Some("oauth2_callback")));
        assert_eq!(find("getURL"), Ok(Some("get_u_r_l")), "its snake_case form comes first");
    }

    #[test]
    fn two_methods_that_are_alike_are_both_named() {
        let known = ["get_user_by_id", "get_userby_id"];
        assert_eq!(resolve("getUserByID", known.into_iter()), Err(known));
        assert_eq!(resolve("getUserById", known.into_iter()), Ok(Some("get_user_by_id")));
    }

    #[test]
    fn the_nearest_name_is_near() {
        let known = ["get_user", "get_users", "remove"];
        assert_eq!(nearest("getUsr", known.into_iter()), Some("get_user"));
        assert_eq!(nearest("getUserss", known.into_iter()), Some("get_users"));
        assert_eq!(nearest("upload", known.into_iter()), None);
    }
}
