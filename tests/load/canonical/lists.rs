//! Single texts that stand for a list, and lists without the same item twice.

use super::{check, web, wrong};

#[test]
fn a_text_is_a_list_of_one() {
    check(&[
        web(
            "name servers",
            "dns: 8.8.8.8\ndns_search: example.com",
            &[("dns", "[8.8.8.8]"), ("dns_search", "[example.com]")],
        ),
        web(
            "lists stay",
            "dns: [8.8.8.8, 9.9.9.9]\ndns_search: [dc1.example.com, dc2.example.com]",
            &[("dns", "[8.8.8.8, 9.9.9.9]"), ("dns_search", "[dc1.example.com, dc2.example.com]")],
        ),
        web("an empty name server is none", "dns: ''", &[("dns", "")]),
        web("also between others", "dns: [8.8.8.8, '', 9.9.9.9]", &[("dns", "[8.8.8.8, 9.9.9.9]")]),
    ]);
}

#[test]
fn the_same_item_twice_is_one_or_an_error() {
    check(&[
        web(
            "where Compose knows the items",
            "cap_add: [A, A]\ncap_drop: [B, B]\ndns: [a, a]\ndns_opt: [b, b]\ntmpfs: [/a, /a]\nprofiles: []",
            &[
                ("cap_add", "[A]"),
                ("cap_drop", "[B]"),
                ("dns", "[a]"),
                ("dns_opt", "[b]"),
                ("tmpfs", "[/a]"),
            ],
        ),
        wrong(
            "where it does not",
            "security_opt: [a, b, a]\ngroup_add: [mail, mail]",
            &[
                "LS0205 4:26 security_opt[2]: the list holds the same item twice",
                "LS0205 5:23 group_add[1]: the list holds the same item twice",
            ],
        ),
    ]);
}

#[test]
fn numbers_in_lists_of_texts_are_texts_where_they_may_stand() {
    check(&[
        web("groups", "group_add: [mail, 5, '0']", &[("group_add", "[mail, '5', '0']")]),
        wrong(
            "not capabilities",
            "cap_add: [5]",
            &["LS0203 4:15 cap_add[0]: must be a string, but is a number"],
        ),
    ]);
}
