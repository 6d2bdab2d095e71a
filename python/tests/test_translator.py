"""The translator as papermill uses it: a cell is inspected, then values are written."""

import unittest

from papermill.translators import papermill_translators
from papermill_cltv import ParameterError, RustTranslator

CELL = {
    "source": """// What the run is about.
use std::fmt;
let transactions: &str = "cdnow; // no comment";   // a data set, or a file
let owner: String = "a".to_string();
let horizon_months: u32 = 6;  // months to look ahead
let mut margin: f64 = 1.0;
/* let hidden: u8 = 1; */
let net: bool = false;
let sign: char = ';';
let limit: Option<i64> = None; // at most
let raw = r#"let x: u8 = ";";"#;
let table: Vec<f64> = vec![1.0];
"""
}


def written(**values):
    RustTranslator.inspect(CELL)
    return RustTranslator.codify(values).splitlines()[1:]


class Inspect(unittest.TestCase):
    def test_declarations_are_read_with_types_and_comments(self):
        found = {p.name: p for p in RustTranslator.inspect(CELL)}
        self.assertEqual(
            list(found),
            ["transactions", "owner", "horizon_months", "margin", "net", "sign", "limit", "raw", "table"],
        )
        self.assertEqual(found["transactions"].default, '"cdnow; // no comment"')
        self.assertEqual(found["transactions"].help, "a data set, or a file")
        self.assertEqual(found["horizon_months"].inferred_type_name, "u32")
        self.assertEqual(found["horizon_months"].help, "months to look ahead")
        self.assertEqual(found["margin"].help, "")
        self.assertEqual(found["raw"].inferred_type_name, "None")

    def test_a_cell_that_declares_nothing_is_no_error(self):
        self.assertEqual(RustTranslator.inspect({"source": "println!(\"let x = 1;\");"}), [])


class Codify(unittest.TestCase):
    def test_declared_types_are_kept(self):
        self.assertEqual(
            written(transactions="a.csv", owner="b", horizon_months=12, margin=1, net=True, sign="'", limit=-3),
            [
                'let transactions: &str = "a.csv";',
                'let owner: String = "b".to_string();',
                "let horizon_months: u32 = 12;",
                "let mut margin: f64 = 1.0;",
                "let net: bool = true;",
                "let sign: char = '\\'';",
                "let limit: Option<i64> = Some(-3);",
            ],
        )
        self.assertEqual(written(limit=None), ["let limit: Option<i64> = None;"])
        self.assertEqual(written(transactions=2024), ['let transactions: &str = "2024";'])

    def test_hostile_texts_stay_texts_on_one_line(self):
        for text, literal in {
            '"; std::process::exit(0); "': '"\\"; std::process::exit(0); \\""',
            "two\nlines\r\n:dep serde": '"two\\nlines\\r\\n:dep serde"',
            "right\u202eto left\0\u200b": '"right\\u{202e}to left\\0\\u{200b}"',
            "C:\\new": '"C:\\\\new"',
            "Größe €, 日本語": '"Größe €, 日本語"',
        }.items():
            self.assertEqual(written(transactions=text), [f"let transactions: &str = {literal};"])

    def test_what_does_not_fit_is_refused_by_name(self):
        for name, value, says in [
            ("horizon_months", -1, "0 to 4294967295"),
            ("horizon_months", 2.5, "whole number"),
            ("horizon_months", True, "whole number"),
            ("horizon_months", "12", "whole number"),
            ("margin", float("nan"), "finite"),
            ("margin", 10**400, "finite"),
            ("net", 1, "True or False"),
            ("sign", "ab", "one character"),
            ("transactions", 1.1, "-r transactions"),
            ("transactions", None, "-r transactions"),
            ("transactions", ["a"], "-r transactions"),
            ("transactions", "\udc80", "UTF-8"),
            ("table", [1.0], "Vec<f64>"),
            ("x; panic!()", 1, "not a name"),
            ("other", [1], "declares no such parameter"),
        ]:
            with self.subTest(name=name, value=value), self.assertRaises(ParameterError) as caught:
                written(**{name: value})
            self.assertIn(name, str(caught.exception))
            self.assertIn(says, str(caught.exception))

    def test_a_parameter_nobody_declared_gets_the_obvious_type(self):
        self.assertEqual(written(new=1, big=2**40, half=0.5), ["let new = 1;", f"let big = {2**40}i64;", "let half = 0.5;"])

    def test_types_are_not_those_of_an_earlier_notebook(self):
        RustTranslator.inspect(CELL)
        RustTranslator.codify({"horizon_months": 3})
        self.assertIn("horizon_months = 2.5", RustTranslator.codify({"horizon_months": 2.5}))

    def test_the_comment_cannot_end_its_line(self):
        self.assertTrue(RustTranslator.codify({}, "Parameters\npanic!()").startswith("// Parameters panic!()\n"))


class Registration(unittest.TestCase):
    def test_papermill_finds_it_by_kernel_and_by_language(self):
        for kernel, language in [("cltv", "rust"), ("rust", "rust"), ("other", "Rust")]:
            self.assertIs(papermill_translators.find_translator(kernel, language), RustTranslator)


if __name__ == "__main__":
    unittest.main()
