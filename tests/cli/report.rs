//! `report`: the pages about two projects are golden; `UPDATE_EXPECT=1 cargo test --test cli` rewrites
//! them, read the difference.

use std::path::Path;

use super::place::Place;

/// A project with a bit of everything.
const SHOP: &str = r#"
name: shop
services:
  web:
    image: registry.example/shop/web:1.4
    build: .
    cpuset: "0"
    environment: { LEVEL: info, DB_PASSWORD: hunter2 }
    ulimits: { nofile: 65536 } # longshore: allow ulimits
    volumes: ["/etc/ssl:/etc/ssl:ro", "data:/data"]
  db:
    image: registry.example/shop/db
    environment: { DB_PASSWORD: hunter2 }
    logging: { driver: syslog }
volumes:
  data: { external: true }
"#;

/// A project in which each text that the user chose looks like markup.
const HOSTILE: &str = r#"
name: hostile
services:
  web:
    image: nginx:1.29
    labels: { "longshore.<script>alert(1)</script>|`*_": "1" }
    ulimits: { nofile: 9 } # longshore: allow ulimits
    user: "<img src=x onerror=alert(1)>"
"#;

const FORMATS: [(&str, &str); 4] =
    [("text", "txt"), ("markdown", "md"), ("html", "html"), ("json", "json")];

#[test]
fn pages_are_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/report");
    for (name, compose) in [("shop", SHOP), ("hostile", HOSTILE)] {
        let place = Place::with(compose);
        for (format, ending) in FORMATS {
            let ran = place.run(&["report", "--format", format]);
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{name} {format}");
            assert!(!ran.stdout.contains("hunter2"), "{name} {format}: values are not told");
            let page = ran.stdout.replace(env!("CARGO_PKG_VERSION"), "<VERSION>");
            let file = folder.join(format!("{name}.{ending}"));
            if std::env::var_os("UPDATE_EXPECT").is_some() {
                std::fs::write(&file, &page).unwrap();
            }
            let expected = std::fs::read_to_string(&file).unwrap_or_default();
            similar_asserts::assert_eq!(expected, page, "{}", file.display());
        }
    }
}

#[test]
fn forms_for_tools_are_those_of_diagnostics() {
    let place = Place::with(HOSTILE);
    for format in ["sarif", "github", "gitlab", "junit"] {
        let report = place.run(&["report", "--format", format, "-o", "report"]);
        report.gives(0, "", "");
        place
            .run(&["convert", "-o", "out/", "--diagnostics", &format!("{format}=diagnostics")])
            .gives(0, "", "");
        assert_eq!(place.read("report"), place.read("diagnostics"), "{format}");
    }
}

#[test]
fn a_project_that_cannot_be_used_has_a_report_as_well() {
    let ran = Place::with("services: { web: { portz: [] } }\n").run(&["report"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(2), ""));
    assert!(ran.stdout.starts_with("The project cannot be used: "), "{}", ran.stdout);
    assert!(ran.stdout.contains("LS0202 unknown-attribute"), "{}", ran.stdout);
    assert!(ran.stdout.contains("1. Correct the error"), "{}", ran.stdout);
}

#[test]
fn findings_fail_the_run_after_the_page_is_written() {
    let place = Place::with(HOSTILE);
    let ran = place.run(&["report", "-o", "page.txt", "--fail-on", "loss"]);
    ran.gives(
        1,
        "",
        "help: these findings count as errors with `--fail-on loss`; the report is written\n",
    );
    assert!(place.read("page.txt").contains("NEXT STEPS"));
}
