"""Simulated purchases in a csv and a parquet file.

usage: simulate_purchases.py PURCHASES FOLDER [csv] [parquet]

Writes FOLDER/<PURCHASES>.csv and .parquet with the columns customer_id, date (YYYY-MM-DD) and amount (two decimals),
ordered by date as an export is. There is one customer for every four purchases, so the number of purchases is met to
about one percent. The same number gives the same file.

Customers are BG/NBD customers with CDNOW's heterogeneity (r = .243, a = .793, b = 2.426) and a larger buying rate
(alpha = 1.47 weeks instead of 4.414), because they are followed for one to two years instead of 39 weeks. They make
their first purchase on a day of the year 2024 and are followed until 2025-12-30. Amounts are Gamma-Gamma with
p = 6.25, q = 3.74, v = 15.44, as fitted to CDNOW.

Purchases are kept in 24 files by date before they are sorted, so memory does not grow with the number of customers.
"""

import pathlib
import shutil
import sys
import tempfile

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

FIRST_DAY = np.datetime64("2024-01-01")
DAYS = 730
JOINING_DAYS = 366
PURCHASES_BY_CUSTOMER = 4
R, ALPHA_WEEKS, A, B = 0.243, 1.47, 0.793, 2.426
P, Q, V = 6.25, 3.74, 15.44
CHUNK = 1_000_000
BUCKETS = 24
ROW = np.dtype([("customer", "<u4"), ("day", "<u2"), ("cents", "<u4")])


def chunk_of_customers(rng, first_id, customers):
    """All purchases of some customers, in no order."""
    rate = rng.gamma(R, 1 / ALPHA_WEEKS, customers) / 7
    dropout = rng.beta(A, B, customers)
    now = rng.uniform(0, JOINING_DAYS, customers)
    mean = P / rng.gamma(Q, 1 / V, customers)
    parts, who = [], np.arange(customers)
    while len(who):
        rows = np.empty(len(who), ROW)
        rows["customer"], rows["day"] = first_id + who, now[who]
        spend = mean[who] * rng.gamma(P, 1 / P, len(who))
        rows["cents"] = np.clip(np.round(100 * spend), 1, 10_000_000)
        parts.append(rows)
        who = who[rng.random(len(who)) >= dropout[who]]
        now[who] += rng.exponential(1 / np.maximum(rate[who], 1e-9))
        who = who[now[who] < DAYS]
    return np.concatenate(parts)


def spool(purchases, folder):
    """The purchases of all customers in files by date; gives the files."""
    rng = np.random.default_rng(purchases)
    files = [folder / f"{number}" for number in range(BUCKETS)]
    left, first_id = purchases // PURCHASES_BY_CUSTOMER, 1
    while left:
        customers = min(left, CHUNK)
        rows = chunk_of_customers(rng, first_id, customers)
        bucket = rows["day"].astype(np.uint32) * BUCKETS // DAYS
        rows = rows[np.argsort(bucket, kind="stable")]
        ends = np.cumsum(np.bincount(bucket, minlength=BUCKETS))
        for file, part in zip(files, np.split(rows, ends[:-1])):
            with open(file, "ab") as out:
                part.tofile(out)
        left, first_id = left - customers, first_id + customers
    return files


def blocks(files, size):
    """The rows of the files, by date and otherwise shuffled, in blocks of `size` rows and a last one."""
    rng, rest = np.random.default_rng(0), np.empty(0, ROW)
    for file in files:
        rows = np.fromfile(file, ROW)
        rows = rows[rng.permutation(len(rows))]
        rest = np.concatenate([rest, rows[np.argsort(rows["day"], kind="stable")]])
        while len(rest) >= size:
            yield rest[:size]
            rest = rest[size:]
    if len(rest):
        yield rest


def dates(rows):
    return FIRST_DAY + rows["day"].astype("timedelta64[D]")


def write_csv(files, target):
    with open(target, "wb") as out:
        for number, rows in enumerate(blocks(files, CHUNK)):
            table = pl.DataFrame({"customer_id": rows["customer"], "date": dates(rows), "amount": rows["cents"] / 100})
            table.with_columns(pl.col("date").cast(pl.Date)).write_csv(out, include_header=number == 0, float_precision=2)


def write_parquet(files, target):
    """Row groups of a million rows; ids are text."""
    writer = None
    for rows in blocks(files, CHUNK):
        ids = pa.array(rows["customer"]).cast(pa.string())
        table = pa.table({"customer_id": ids, "date": pa.array(dates(rows)), "amount": rows["cents"] / 100})
        writer = writer or pq.ParquetWriter(target, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=CHUNK)
    writer.close()


def main(purchases, folder, kinds):
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(dir=folder))
    try:
        files = spool(purchases, scratch)
        for kind in kinds:
            part = scratch / f"whole.{kind}"
            {"csv": write_csv, "parquet": write_parquet}[kind](files, part)
            part.rename(folder / f"{purchases}.{kind}")
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], sys.argv[3:])
