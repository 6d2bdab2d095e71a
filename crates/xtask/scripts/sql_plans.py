"""Runs every statement of a folder in DuckDB and compares its table with the one that polars computed."""

import csv
import math
import pathlib
import sys

import duckdb


def main(folder):
    database = duckdb.connect()
    database.execute(f"CREATE TABLE rows AS SELECT * FROM read_csv('{folder / 'rows.csv'}', all_varchar=false)")
    database.execute("ALTER TABLE rows ALTER day TYPE INTEGER")
    statements = sorted(folder.glob("*.sql"))
    for path in statements:
        result = database.execute(path.read_text())
        names = [column[0] for column in result.description]
        found = [dict(zip(names, row)) for row in result.fetchall()]
        with open(path.with_suffix(".csv"), newline="") as file:
            expected = list(csv.DictReader(file))
        compare(path.stem, found, expected)
    print(f"{len(statements)} statements give the tables that polars computes")
    assert statements, "there is no statement"


def compare(name, found, expected):
    assert len(found) == len(expected) > 0, f"{name}: {len(found)} rows by SQL, {len(expected)} by polars"
    columns = list(expected[0])
    number = lambda value: None if value in (None, "") else float(value)
    rows = lambda table: sorted(tuple(number(row[column]) for column in columns) for row in table)
    for ours, theirs in zip(rows(expected), rows(found)):
        for column, a, b in zip(columns, ours, theirs):
            same = a == b or (a is not None and b is not None and math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-9))
            assert same, f"{name}, column {column}: {a} by polars, {b} by SQL, in the row {ours}"


main(pathlib.Path(sys.argv[1]))
