use serde::Deserialize;

use super::*;

fn router(patterns: &[&'static str]) -> Router<&'static str> {
    let mut router = Router::new(200);
    for pattern in patterns {
        router.insert(&Method::GET, pattern, &Constraints::default(), pattern).unwrap();
    }
    router
}

/// The pattern that a path leads to, and its parameters as text.
fn find(router: &Router<&'static str>, path: &str) -> String {
    match router.find(&Method::GET, path, Claims::default()) {
        Match::Found { value, params } => {
            let params = params.iter().map(|(name, value)| format!(" {name}={value}"));
            format!("{value}{}", params.collect::<String>())
        }
        Match::NotFound => "404".into(),
        Match::BadUrl => "400".into(),
    }
}

#[track_caller]
fn check(patterns: &[&'static str], path: &str, expected: &str) {
    assert_eq!(find(&router(patterns), path), expected, "{path}");
}

#[test]
fn static_wins_over_parametric_over_wildcard_and_a_dead_end_leads_back() {
    let patterns = ["/a/:id", "/a/special", "/a/*", "/a/special/deep", "/:x/y/z"];
    check(&patterns, "/a/special", "/a/special");
    check(&patterns, "/a/7", "/a/:id id=7");
    check(&patterns, "/a/7/8", "/a/* *=7/8");
    check(&patterns, "/a/special/other", "/a/* *=special/other");
    check(&["/a/b/c", "/:x/y/z"], "/a/y/z", "/:x/y/z x=a");
}

#[test]
fn one_trailing_slash_is_ignored_and_no_other() {
    check(&["/a"], "/a/", "/a");
    check(&["/a/"], "/a", "/a/");
    check(&["/a"], "/a//", "404");
    check(&["/a/b"], "/a//b", "404");
    check(&["/a"], "//a", "404");
    check(&["/f/*"], "/f/", "404");
    check(&["/f/*"], "/f/a/", "/f/* *=a");
    check(&["/"], "/", "/");
}

#[test]
fn escapes_are_decoded_after_the_path_was_split() {
    check(&["/b/hello"], "/b/%68ello", "/b/hello");
    check(&["/i/:id"], "/i/a%20b%2Fc", "/i/:id id=a b/c");
    check(&["/a/b"], "/a%2Fb", "404");
    check(&["/i/:id"], "/i/100%25", "/i/:id id=100%");
    check(&["/i/:id"], "/i/%ff", "400");
    check(&["/i/:id"], "/i/%zz", "400");
    check(&["/spé"], "/sp%C3%A9", "/spé");
    check(&["/i/:id"], "/i/..", "/i/:id id=..");
}

#[test]
fn several_parameters_regular_expressions_and_suffixes() {
    check(&["/p/:a-:b"], "/p/x-y-z", "/p/:a-:b a=x-y b=z");
    check(&["/n/:n(^\\d+$)"], "/n/12", "/n/:n(^\\d+$) n=12");
    check(&["/n/:n(^\\d+$)"], "/n/12a", "404");
    check(&["/n/:n(^\\d+$)", "/n/:x"], "/n/12a", "/n/:x x=12a");
    check(&["/e/:name.json"], "/e/data.json", "/e/:name.json name=data");
    check(&["/e/:name.json"], "/e/data.txt", "404");
    check(&["/o/:x?"], "/o", "/o/:x?");
    check(&["/c::on"], "/c:on", "/c::on");
}

#[test]
fn of_several_ways_to_share_a_segment_out_it_is_find_my_ways() {
    check(&["/:a--:b"], "/x---", "/:a--:b a=x b=-");
    check(&["/:a.json:b"], "/~.json.json", "/:a.json:b a=~ b=.json");
    check(&["/:a.x-:b"], "/..x-y.x-z", "/:a.x-:b a=..x-y b=z");
    check(&["/:a-:b"], "/x-y%0Az", "404");
    check(&["/:a(\\d+)-:b"], "/1-y-z", "/:a(\\d+)-:b a=1 b=y-z");
}

#[test]
fn a_parameter_of_more_than_200_characters_is_not_found() {
    let path = |length| format!("/i/{}", "é".repeat(length));
    let router = router(&["/i/:id"]);
    assert_ne!(find(&router, &path(200)), "404");
    assert_eq!(find(&router, &path(201)), "404");
}

#[test]
fn methods_have_routes_of_their_own() {
    let mut router = router(&["/a/:id"]);
    router.insert(&Method::POST, "/a/b", &Constraints::default(), &"post").unwrap();
    assert_eq!(find(&router, "/a/b"), "/a/:id id=b");
    let again = router.insert(&Method::GET, "/a/:other", &Constraints::default(), &"again");
    assert_eq!(again.unwrap_err(), "GET /a/:other has a route already");
}

#[test]
fn text_may_stand_around_parameters_and_before_the_wildcard() {
    check(&["/user-:id", "/user-admin", "/:any"], "/user-7", "/user-:id id=7");
    check(&["/user-:id", "/user-admin", "/:any"], "/user-admin", "/user-admin");
    check(&["/user-:id", "/:any"], "/use", "/:any any=use");
    check(&["/img*"], "/img/a.png", "/img* *=/a.png");
    check(&["/:h(^\\d{2})h:m(^\\d{2})m"], "/12h30m", "/:h(^\\d{2})h:m(^\\d{2})m h=12 m=30");
}

#[test]
fn a_parameter_may_be_empty_where_a_slash_or_text_follows() {
    check(&["/i/:id/sub"], "/i//sub", "/i/:id/sub id=");
    check(&["/p/:a-:b"], "/p/-", "/p/:a-:b a= b=");
    check(&["/e/:name.json"], "/e/.json", "/e/:name.json name=");
    check(&["/i/:id"], "/i/", "404");
    check(&["/i/:id"], "/i//", "/i/:id id=");
    check(&["/n/:n(^\\d+$)/x"], "/n//x", "404");
}

#[test]
fn a_parameter_that_is_too_long_ends_the_search() {
    let path = format!("/i/{}", "a".repeat(201));
    check(&["/i/:id", "/i/*"], &path, "404");
}

/// What find-my-way found, with the options of the original.
#[derive(Deserialize)]
struct Recorded {
    patterns: Vec<String>,
    found: Vec<(String, Option<Found>)>,
}

#[derive(Deserialize)]
struct Found {
    pattern: String,
    params: serde_json::Map<String, serde_json::Value>,
}

#[test]
fn find_my_way_finds_the_same() {
    let recorded: Vec<Recorded> = serde_json::from_str(include_str!("find-my-way.json")).unwrap();
    for Recorded { patterns, found } in recorded {
        let mut router = Router::new(200);
        for pattern in &patterns {
            router.insert(&Method::GET, pattern, &Constraints::default(), pattern).unwrap();
        }
        for (path, expected) in found {
            let ours = match router.find(&Method::GET, &path, Claims::default()) {
                Match::Found { value, params } => {
                    let params = params.iter();
                    let params =
                        params.map(|(name, value)| (name.to_owned(), value.into())).collect();
                    Some((value.clone(), params))
                }
                Match::NotFound | Match::BadUrl => None,
            };
            let expected = expected.map(|found| (found.pattern, found.params));
            assert_eq!(ours, expected, "{path} among {patterns:?}");
        }
    }
}

#[test]
fn a_pattern_that_gives_up_opens_no_other_route() {
    let guarded = r"/p/:x(^(?:a|a)*(?!b|$)b?$)";
    let long = format!("/p/{}", "a".repeat(40));
    check(&[guarded, "/p/:open", "/*"], &long, "404");
    check(&[guarded, "/p/:open", "/*"], "/p/c", "/p/:open open=c");

    let mut router = router(&["/*"]);
    let host = r#"{ "host": { "regex": "^(?:a|a)*(?!b|$)b?$" } }"#;
    let constraints: Constraints = serde_json::from_str(host).unwrap();
    router.insert(&Method::GET, "/h", &constraints, &"constrained").unwrap();
    router.insert(&Method::GET, "/h", &Constraints::default(), &"any host").unwrap();
    let host = "a".repeat(40);
    let claims = Claims { host: Some(&host), ..Claims::default() };
    assert!(matches!(router.find(&Method::GET, "/h", claims), Match::NotFound));
    let claims = Claims { host: Some("c"), ..Claims::default() };
    assert!(matches!(
        router.find(&Method::GET, "/h", claims),
        Match::Found { value: &"any host", .. }
    ));
}
