"""From a file of purchases to the summary of each customer: cltv beside other libraries, and `cltv report`.

usage: bench_data.py FOLDER --program PROGRAM [--sizes 1,5,25]
       bench_data.py FOLDER --report CLTV [--sizes 5,100]
       bench_data.py --peer NAME FILE STEP

FOLDER keeps the simulated purchases (simulate_purchases.py), PROGRAM is the example bench_summary of cltv-purchases,
CLTV is the command line. Sizes are in millions of purchases; for a report, 100 is read from parquet, others from csv.

Each program runs as a process of its own on the same file, in turns; the fastest of its runs counts. Times are
measured inside the process, from the file to the finished summary, without starting the process. Peak memory is the
resident memory summed over the process tree, sampled every 20 ms, or the kernel's own maximum for a process (VmHWM)
where that is larger. What is printed is Markdown. The program ends with 1 when results differ or a bound is missed.
"""

import argparse
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import threading
import time

SIZES = (1, 5, 25)
CALIBRATION_END, OBSERVATION_END = "2025-04-30", "2025-12-30"
# The programs; lifetimes is not run above this many million purchases.
LIFETIMES_UP_TO = 5
PEERS = {"pandas + lifetimes": "lifetimes", "polars": "polars", "polars, ids as text": "polars_text", "DuckDB": "duckdb"}
# The project's bounds at five million purchases from csv.
FASTER_THAN_LIFETIMES, SLOWER_THAN_POLARS, MEGABYTES = 5, 2, 700
# Reports: seconds, megabytes of memory, megabytes of outputs without csv (None: no bound).
REPORTS = {5: (60, 1_000, 60), 100: (900, 8_000, None)}
TOLERANCE = 1e-9
MILLION = 1_000_000


# What each peer does in its own process. Every function gives seconds of its steps and the totals that are compared.

def clock(out, name, step):
    begin = time.perf_counter()
    result = step()
    out[name] = time.perf_counter() - begin
    return result


def lifetimes(file, step):
    import warnings

    warnings.filterwarnings("ignore")
    import pandas
    from lifetimes import utils

    out = {}
    read = lambda: pandas.read_csv(file, parse_dates=["date"]) if file.endswith(".csv") else pandas.read_parquet(file)
    rows = clock(out, "read", read)
    if step == "summary":
        table = clock(out, "step", lambda: utils.summary_data_from_transaction_data(
            rows, "customer_id", "date", monetary_value_col="amount", observation_period_end=OBSERVATION_END, freq="D"))
        out["totals"] = of_columns(len(table), *(table[name].sum() for name in ("frequency", "recency", "T", "monetary_value")))
        return out
    table = clock(out, "step", lambda: utils.calibration_and_holdout_data(
        rows, "customer_id", "date", CALIBRATION_END, observation_period_end=OBSERVATION_END, freq="D", monetary_value_col="amount"))
    names = ("frequency_cal", "recency_cal", "T_cal", "monetary_value_cal")
    out["totals"] = of_columns(len(table), *(table[name].sum() for name in names)) | {
        "holdout purchases": float(table["frequency_holdout"].sum()),
        "holdout customers": int((table["frequency_holdout"] > 0).sum()),
        "holdout days": float(table["duration_holdout"].iloc[0]),
    }
    return out


def of_columns(customers, x, t_x, age, spend):
    return {"customers": int(customers), "x": float(x), "t_x": float(t_x), "T": float(age), "mean spend": float(spend)}


def polars_text(file, step):
    return polars(file, step, ids_are_text=True)


def polars(file, step, ids_are_text=False):
    import datetime

    import polars as pl

    if step != "summary":
        raise SystemExit("polars is timed on the summary only")
    end = pl.lit(datetime.date.fromisoformat(OBSERVATION_END))
    types = {"customer_id": pl.String} if ids_are_text else None
    out, day, spent = {}, pl.col("date"), pl.col("amount")

    def query():
        rows = pl.scan_csv(file, try_parse_dates=True, schema_overrides=types) if file.endswith(".csv") else pl.scan_parquet(file)
        days = rows.filter(day <= end).group_by("customer_id", "date").agg(spent.sum())
        x = pl.len() - 1
        repeats = (spent.sum() - spent.get(day.arg_min())) / x
        summary = days.group_by("customer_id").agg(
            x=x.cast(pl.Int64), t_x=(day.max() - day.min()).dt.total_days(), T=(end - day.min()).dt.total_days(),
            spend=pl.when(pl.len() > 1).then(repeats).otherwise(0.0))
        return summary.collect(engine="streaming")

    table = clock(out, "step", query)
    out["totals"] = of_columns(table.height, *(table[name].sum() for name in ("x", "t_x", "T", "spend")))
    return out


def duckdb(file, step):
    import duckdb as peer

    if step != "summary":
        raise SystemExit("DuckDB is timed on the summary only")
    out, connection = {}, peer.connect()
    query = f"""
        create temp table summary as
        select customer_id, count(*) - 1 as x, max(date) - min(date) as t_x, date '{OBSERVATION_END}' - min(date) as age,
               coalesce((sum(amount) - arg_min(amount, date)) / nullif(count(*) - 1, 0), 0) as spend
        from (select customer_id, date, sum(amount) as amount from '{file}' where date <= date '{OBSERVATION_END}' group by all)
        group by customer_id"""
    clock(out, "step", lambda: connection.execute(query))
    totals = connection.execute("select count(*), sum(x), sum(t_x), sum(age), sum(spend) from summary").fetchone()
    out["totals"] = of_columns(*totals)
    return out


# Running a process and watching its memory.

def tree_kib(root):
    """Resident memory of a process and its descendants."""
    children, page = {}, os.sysconf("SC_PAGE_SIZE") // 1024
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = pathlib.Path("/proc", entry, "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            children.setdefault(int(fields[1]), []).append((int(entry), int(fields[21]) * page))
    total = sum(kib for of_parent in children.values() for process, kib in of_parent if process == root)
    level = [root]
    while level:
        found = [child for parent in level for child in children.get(parent, [])]
        total += sum(kib for _, kib in found)
        level = [process for process, _ in found]
    return total


def run(command, echo=False):
    """Runs a command; gives its seconds, its peak memory in KiB and what it printed, or None where it failed."""
    print("==>", " ".join(map(str, command)), file=sys.stderr, flush=True)
    begin, peak = time.perf_counter(), 0
    output = sys.stderr if echo else subprocess.PIPE
    process = subprocess.Popen(list(map(str, command)), stdout=output, text=True)
    printed = []
    reader = threading.Thread(target=lambda: printed.append("" if echo else process.stdout.read()))
    reader.start()
    while process.poll() is None:
        peak = max(peak, tree_kib(process.pid))
        time.sleep(0.02)
    seconds = time.perf_counter() - begin
    reader.join()
    return None if process.returncode else {"seconds": seconds, "peak_kib": peak, "printed": printed[0]}


def measured(command):
    """The JSON that a program printed last, with its peak memory."""
    done = run(command)
    if done is None:
        return None
    result = json.loads(done["printed"].splitlines()[-1])
    result["peak_kib"] = max(done["peak_kib"], result.get("peak_kib", 0))
    result["total"] = result.get("read", 0.0) + result["step"]
    return result


def fastest(results):
    """The fastest run of a program, with its largest memory; None when one failed."""
    if None in results:
        return None
    best = dict(min(results, key=lambda result: result["total"]))
    best["peak_kib"] = max(result["peak_kib"] for result in results)
    return best


def peer(name, file, step):
    return [sys.executable, __file__, "--peer", name, file, step]


def commands(program, file, step, millions):
    """The programs that do this step at this size."""
    ours = {"cltv": [program, file, CALIBRATION_END, OBSERVATION_END, step]}
    names = PEERS if step == "summary" else {"pandas + lifetimes": "lifetimes"}
    names = {label: name for label, name in names.items() if name != "lifetimes" or millions <= LIFETIMES_UP_TO}
    # In our parquet files ids are text already.
    names = {label: name for label, name in names.items() if name != "polars_text" or file.suffix == ".csv"}
    return ours | {label: peer(name, file, step) for label, name in names.items()}


def compared(program, file, step, millions):
    """All programs on one file, in turns."""
    runs = {}
    for _ in range(3 if millions <= LIFETIMES_UP_TO and step == "summary" else 1):
        for label, command in commands(program, file, step, millions).items():
            runs.setdefault(label, []).append(measured(command))
    return {label: fastest(results) for label, results in runs.items()}


def simulated(folder, millions, kind):
    """A file of simulated purchases, made when it is missing."""
    file = folder / f"{millions * MILLION}.{kind}"
    if not file.exists():
        script = pathlib.Path(__file__).with_name("simulate_purchases.py")
        subprocess.run([sys.executable, script, str(millions * MILLION), folder, kind], check=True)
    return file


# What is printed.

def differences(results, where):
    """Sentences on totals that are not cltv's."""
    ours = results["cltv"]
    found = []
    for label, result in results.items():
        for name, value in (result or {"totals": {}})["totals"].items():
            if abs(value - ours["totals"][name]) > TOLERANCE * abs(value):
                found.append(f"{where}: the {name} of {label} is {value!r}, that of cltv {ours['totals'][name]!r}")
    return found


def table(results):
    print("| program | seconds | of them reading | times cltv's | peak memory, MB |")
    print("|---|---|---|---|---|")
    for label, result in results.items():
        if result is None:
            print(f"| {label} | failed | | | |")
            continue
        reading = f"{result['read']:.2f}" if "read" in result else "one query"
        ratio = result["total"] / results["cltv"]["total"]
        print(f"| {label} | {result['total']:.2f} | {reading} | {ratio:.2f} | {megabytes(result):.0f} |")


def megabytes(result):
    return result["peak_kib"] * 1024 / 1e6


def bounds(results):
    """Prints the bounds at five million purchases from csv; gives those that are missed."""
    ours, missed = results["cltv"], []

    def bound(text, value, kept):
        print(f"- {text}: {value} ({'kept' if kept else 'missed'})")
        if not kept:
            missed.append(f"{text}: {value}")

    print("\nBounds:\n")
    ratio = results["pandas + lifetimes"]["total"] / ours["total"]
    bound(f"at least {FASTER_THAN_LIFETIMES} times faster than pandas + lifetimes", f"{ratio:.2f} times", ratio >= FASTER_THAN_LIFETIMES)
    ratio = ours["total"] / results["polars"]["total"]
    bound(f"at most {SLOWER_THAN_POLARS} times the seconds of the polars query", f"{ratio:.2f} times", ratio <= SLOWER_THAN_POLARS)
    bound(f"at most {MEGABYTES} MB", f"{megabytes(ours):.0f} MB", megabytes(ours) <= MEGABYTES)
    return missed


def line(points, what):
    """The least-squares line through (million purchases, value)."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)
    each = ", ".join(f"{y / x:.3g} at {x}M" for x, y in points)
    print(f"- {what}: {mean_y - slope * mean_x:.3g} + {slope:.3g} for each million purchases; by million: {each}")


def machine():
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {platform.system()} on {platform.machine()}; load before the run {load:.1f}"
          f"{', so the machine was not quiet and the ratios are not reliable' if load > 0.5 else ''}.")


def summaries(folder, program, sizes):
    """Times of summary and split at each size; gives what was missed."""
    missed, lines = [], {}
    machine()
    for millions in sizes:
        for kind in ("csv", "parquet"):
            file = simulated(folder, millions, kind)
            results = compared(program, file, "summary", millions)
            if results["cltv"] is None:
                sys.exit(f"{program} failed on {file}; what it said is above")
            missed += differences(results, f"{file.name}, summary")
            missed += [f"{file.name}: {label} failed" for label, result in results.items() if result is None]
            print(f"\n### {millions}M purchases of {results['cltv']['totals']['customers']:,} customers, {kind}: read, clean, summarise\n")
            table(results)
            if (millions, kind) == (5, "csv"):
                missed += bounds(results)
            lines.setdefault(f"seconds from {kind}", []).append((millions, results["cltv"]["total"]))
            lines.setdefault(f"MB from {kind}", []).append((millions, megabytes(results["cltv"])))
        if millions <= LIFETIMES_UP_TO:
            file = simulated(folder, millions, "csv")
            results = compared(program, file, "split", millions)
            missed += differences(results, f"{file.name}, split")
            print(f"\n### {millions}M purchases, csv: read, clean, calibration and holdout\n")
            table(results)
    if len(sizes) > 1:
        print("\n### How cltv grows\n")
        for what, points in lines.items():
            line(points, what)
    print(f"\nAll programs' customers and sums of x, t_x, T and mean spend are compared to {TOLERANCE:g}. The holdout's mean spend is "
          "not: lifetimes takes the mean over rows there, cltv the mean over purchases, as in the calibration.")
    return missed


def reports(folder, program, sizes):
    """Time, memory and outputs of `cltv report`; gives what was missed."""
    machine()
    with tempfile.TemporaryDirectory(prefix="bench-report-", dir=folder) as scratch:
        scratch = pathlib.Path(scratch)
        # Builds the kernel and the helper and compiles the cells, so that none of that is measured.
        if run([program, "report", "-p", "outputs", scratch / "first"], echo=True) is None:
            sys.exit(f"{program} report failed on the embedded data; what it said is above")
        print("\n| purchases | seconds | bound | peak memory, MB | bound | outputs without csv, MB | bound |")
        print("|---|---|---|---|---|---|---|")
        return [sentence for millions in sizes for sentence in report(folder, program, millions, scratch)]


def report(folder, program, millions, scratch):
    """Prints the row of one report; gives what was missed."""
    file, outputs = simulated(folder, millions, "parquet" if millions >= 100 else "csv"), scratch / f"{millions}"
    name = f"{millions}M {file.suffix[1:]}"
    done = run([program, "report", "-p", "transactions", file, "-p", "outputs", outputs], echo=True)
    if done is None:
        print(f"| {name} | failed | | | | | |")
        return [f"report on {name}: failed"]
    size = sum(one.stat().st_size for one in outputs.rglob("*") if one.is_file() and one.suffix != ".csv") / 1e6
    shutil.rmtree(outputs)
    figures = (done["seconds"], megabytes(done), size)
    limits = REPORTS.get(millions, (None, None, None))
    cells = [cell for value, limit in zip(figures, limits) for cell in (f"{value:.0f}", "-" if limit is None else f"{limit}")]
    print(f"| {name} | " + " | ".join(cells) + " |")
    units = ("seconds", "MB of memory", "MB of outputs without csv")
    return [f"report on {name}: {value:.0f} {unit}, the bound is {limit}"
            for unit, value, limit in zip(units, figures, limits) if limit is not None and value > limit]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    timed = parser.add_mutually_exclusive_group(required=True)
    timed.add_argument("--program", type=pathlib.Path)
    timed.add_argument("--report", type=pathlib.Path)
    parser.add_argument("--sizes", type=lambda text: tuple(int(size) for size in text.split(",")))
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.report:
        missed = reports(given.folder, given.report, given.sizes or tuple(REPORTS))
    else:
        missed = summaries(given.folder, given.program, given.sizes or SIZES)
    print("\nResults agree, and no bound is missed." if not missed else "\nMissed:\n\n- " + "\n- ".join(missed))
    sys.exit(bool(missed))


if __name__ == "__main__":
    if sys.argv[1] == "--peer":
        result = {"lifetimes": lifetimes, "polars": polars, "polars_text": polars_text, "duckdb": duckdb}[sys.argv[2]](*sys.argv[3:])
        lines = pathlib.Path("/proc/self/status").read_text().splitlines()
        peak = next(int(one.split()[1]) for one in lines if one.startswith("VmHWM"))
        print(json.dumps(result | {"peak_kib": peak}))
    else:
        main()
