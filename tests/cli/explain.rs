//! `explain`, and that what it explains is so.

use super::place::Place;
use longshore::diagnostic::Explanation;

#[test]
fn each_example_gives_the_finding_that_it_explains() {
    let mut wrong = Vec::new();
    for explanation in Explanation::all() {
        let code = explanation.code;
        // Not every cause is in a compose file, and what is translated by now has none.
        let Some(example) = &explanation.example else { continue };
        let ran = Place::with(example).run(&["convert", "--diagnostics", "json"]);
        let codes: Vec<String> = ran
            .stderr
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .map(|finding| finding["code"].as_str().unwrap().to_owned())
            .collect();
        if !codes.iter().any(|found| found == code.id) {
            wrong.push(format!("{code}: {codes:?}"));
        }
    }
    assert!(
        wrong.is_empty(),
        "examples in `src/diagnostic/explanations/` that do not show their code; where longshore \
         translates the attribute now, take a value that it does not, or remove the example:\n{}",
        wrong.join("\n")
    );
}

#[test]
fn a_code_is_found_by_number_name_and_path() {
    let place = Place::new();
    let by_number = place.run(&["explain", "ls1305"]);
    assert_eq!(by_number.code, Some(0));
    assert!(by_number.stdout.starts_with("LS1305 ulimits\n"), "{}", by_number.stdout);
    for name in ["ulimits", "services.web.ulimits.nofile"] {
        place.run(&["explain", name]).gives(0, &by_number.stdout, "");
    }
}

#[test]
fn without_a_code_all_are_listed() {
    let ran = Place::new().run(&["explain"]);
    let lines: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(lines.len(), Explanation::all().len() + 1);
    assert!(lines[0].starts_with("CODE     NAME  "), "{}", lines[0]);
    assert!(lines[1].starts_with("LS0101   yaml-syntax  "), "{}", lines[1]);
}

#[test]
fn a_name_that_no_code_has_is_refused() {
    Place::new().run(&["explain", "ulimit"]).gives(
        2,
        "",
        "error: there is no code `ulimit`\nhelp: did you mean `LS1305 ulimits`? `longshore explain` lists all codes\n",
    );
}
