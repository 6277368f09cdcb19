use super::*;

fn cors(options: &CorsOptions) -> Cors {
    Cors::new(options, "localhost", 3000).unwrap()
}

fn answer(options: &CorsOptions, origin: &'static str) -> HeaderMap {
    let (mut headers, cors) = (HeaderMap::new(), cors(options));
    let grant = cors.judge(Some(&HeaderValue::from_static(origin))).unwrap();
    cors.apply(grant, &mut headers);
    headers
}

fn with(origin: Origin) -> CorsOptions {
    CorsOptions { origin, ..CorsOptions::default() }
}

#[test]
fn the_own_origin_is_the_configured_host_with_and_without_the_bound_port() {
    let allowed = |origin| {
        let headers = answer(&CorsOptions::default(), origin);
        headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN)
    };
    assert!(allowed("http://localhost") && allowed("http://localhost:3000"));
    assert!(!allowed("http://localhost:3001") && !allowed("http://evil.example"));
    assert!(!allowed("null"));
}

#[test]
fn one_rule_for_all_needs_no_vary_and_all_others_do() {
    for origin in [Origin::Any, Origin::Text("http://b.example".into()), Origin::Off] {
        assert!(!answer(&with(origin), "http://a.example").contains_key(header::VARY));
    }
    for origin in [Origin::OwnHost, Origin::Reflect, Origin::List(vec![])] {
        assert_eq!(answer(&with(origin), "http://a.example")[header::VARY], "Origin");
    }
    assert!(answer(&with(Origin::Off), "http://a.example").is_empty());
}

#[test]
fn what_a_handler_varies_by_is_kept() {
    let vary = |had: &'static str| {
        let mut headers = HeaderMap::new();
        headers.insert(header::VARY, HeaderValue::from_static(had));
        add_vary(&mut headers, ORIGIN, true);
        headers[header::VARY].to_str().unwrap().to_owned()
    };
    assert_eq!(vary("Accept-Encoding"), "Origin, Accept-Encoding");
    assert_eq!(vary("accept, origin"), "accept, origin");
    assert_eq!(vary("*"), "*");
}

#[test]
fn a_function_decides_for_each_request_and_its_error_is_the_answer() {
    let function = Origin::function(|origin| match origin {
        Some("http://a.example") => Ok(Origin::Reflect),
        Some("http://bad.example") => Err(IOServerError::new("no database", 503_u16)),
        _ => Ok(Origin::Off),
    });
    let options = CorsOptions { credentials: true, ..with(function) };
    assert_eq!(answer(&options, "http://a.example").len(), 3);
    assert_eq!(answer(&options, "http://b.example").len(), 1, "only Vary");
    let bad = HeaderValue::from_static("http://bad.example");
    assert_eq!(cors(&options).judge(Some(&bad)).unwrap_err().status(), 503);
}

#[test]
fn an_origin_that_can_be_named_to_nobody_is_an_error_at_the_start() {
    assert!(Cors::new(&with(Origin::Text(String::new())), "localhost", 3000).is_err());
    assert!(Cors::new(&with(Origin::Text("a\nb".into())), "localhost", 3000).is_err());
}
