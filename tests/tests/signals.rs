//! How a server stops when the operator says so.

use std::collections::BTreeMap;

use ioserver_tests::App;

#[tokio::test]
async fn a_server_stops_on_sigint_and_on_sigterm_and_says_that_all_is_well() {
    for signal in ["INT", "TERM"] {
        let mut app = App::start(&["open"], &BTreeMap::new()).await;
        let answer = app.get("/open/hello").send().await.unwrap();
        assert_eq!(answer.text().await.unwrap(), "hello"); // its connection stays open, idle
        app.program().signal(signal).await;
        let ended = app.ended().await;
        assert_eq!(ended.code, Some(0), "{}", ended.output);
    }
}

#[tokio::test]
async fn a_second_signal_ends_a_server_that_does_not_stop() {
    let mut app = App::start(&["open", "stuck-watcher"], &BTreeMap::new()).await;
    app.program().signal("TERM").await;
    let stuck = |line: &str| line.contains("the watcher is stuck").then_some(());
    app.program().wait_for("that it is stuck", stuck).await;
    app.program().signal("TERM").await;
    assert_eq!(app.ended().await.code, Some(130));
}
