"""Gives the parquet files of a folder to a database as tables of the same names.

usage: warehouse_tables.py FOLDER duckdb DATABASE.db
       warehouse_tables.py FOLDER postgresql HOST PORT USER
"""

import os
import pathlib
import subprocess
import sys

import duckdb

TYPES = {"VARCHAR": "text", "DATE": "date", "DOUBLE": "double precision", "INTEGER": "integer"}
NOTHING = "@@no value@@"


def main(folder, engine, *where):
    files = sorted(folder.glob("*.parquet"))
    assert files, f"there is no table in {folder}"
    if engine == "duckdb":
        pathlib.Path(where[0]).unlink(missing_ok=True)
        database = duckdb.connect(where[0])
        for path in files:
            database.execute(f"CREATE TABLE \"{path.stem}\" AS SELECT * FROM read_parquet('{path}')")
        database.close()
    else:
        postgresql(folder, files, *where)
    print(f"{len(files)} tables in {engine}")


def postgresql(folder, files, host, port, user):
    script = []
    for path in files:
        text = folder / f"{path.stem}.csv"
        duckdb.execute(
            f"COPY (SELECT * FROM read_parquet('{path}')) TO '{text}' (HEADER, NULLSTR '{NOTHING}', FORCE_QUOTE (customer_id))"
        )
        described = duckdb.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()
        columns = ", ".join(f'"{name}" {TYPES[kind]}' for name, kind, *_ in described)
        script.append(f'DROP TABLE IF EXISTS "{path.stem}"; CREATE TABLE "{path.stem}" ({columns});')
        script.append(f"\\copy \"{path.stem}\" FROM '{text}' (FORMAT csv, HEADER, NULL '{NOTHING}', FORCE_NULL (customer_id))")
    call = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", host, "-p", port, "-U", user, "postgres"]
    subprocess.run(call, input="\n".join(script), text=True, check=True, env=os.environ)
    for path in files:
        (folder / f"{path.stem}.csv").unlink()


main(pathlib.Path(sys.argv[1]), *sys.argv[2:])
