"""How long an analyst waits for a cell: our kernel and, beside it in the same run, a stock evcxr_jupyter.

usage: bench_kernel.py CLTV_PROGRAM CHECKOUT KERNELSPEC_FOLDER [STOCK_PROGRAM]

Every notebook runs in a kernel of its own, as in JupyterLab. Printed are, for each kernel: from its start to the
first result of the helper (a fresh kernel, then a second one), the median and the slowest of all cells, the time to
the first type error, and the memory of the kernel with all its children after the last cell (shared pages counted
once, by /proc/PID/smaps_rollup). Then all notebooks run once more, as they are on another day. Our kernel keeps
compiled cells; they are removed before the first round, so that each of its cells is compiled there, and before the
first batch. Ours must keep the bounds in BOUNDS, or the program ends with 1; the batch's is for a warm one, the second.
What is printed is Markdown.

The stock kernel keeps its working folder between runs (EVCXR_TMPDIR), which is its best case; what it has yet to
compile there, the library and polars at first, takes a quarter of an hour and is not counted.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from jupyter_client import BlockingKernelClient, KernelManager

# Seconds, and MB for the memory.
BOUNDS = {"first": 8.0, "second": 6.0, "median": 0.6, "type error": 1.5, "memory": 800, "batch": 45.0}
PATIENCE = 3600


class Kernel:
    """A kernel and its client; cells are timed from the request to the idle status."""

    def __init__(self, spec, cwd):
        self.manager = KernelManager()
        self.manager._kernel_spec = spec
        self.manager._kernel_spec_manager = None
        self.started = time.time()
        # What the stock kernel says of its configuration is no part of the report.
        self.manager.start_kernel(cwd=str(cwd), stdout=subprocess.DEVNULL)
        self.client: BlockingKernelClient = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)

    def run(self, code):
        """Seconds until the cell is over, and the error it ended in."""
        begun, error = time.time(), []

        def note(message):
            if message["msg_type"] == "error":
                error.append(message["content"])

        self.client.execute_interactive(code, output_hook=note, timeout=PATIENCE, allow_stdin=False)
        return time.time() - begun, error

    def memory(self):
        """The memory of the kernel's processes in MB."""
        return sum(proportional(pid) for pid in tree(self.manager.provisioner.pid)) / 1024

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)


def tree(root):
    """A process and all below it."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path("/proc", entry, "stat").read_text()
            except OSError:
                continue
            parents.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry))
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        queue += parents.get(pid, [])
    return found


def proportional(pid):
    """Kilobytes of a process; a page that n processes share counts 1/n."""
    try:
        lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def spec_of(folder):
    from jupyter_client.kernelspec import KernelSpec

    return KernelSpec.from_resource_dir(str(folder))


def stock_spec(program, cache):
    from jupyter_client.kernelspec import KernelSpec

    folder = cache / "tmpdir"
    folder.mkdir(parents=True, exist_ok=True)
    libraries = subprocess.run(["rustc", "--print", "target-libdir"], capture_output=True, text=True, check=True)
    env = {
        "EVCXR_TMPDIR": str(folder), "EVCXR_CONFIG_DIR": str(cache / "config"),
        # Its cells look for the standard library along a path that is wrong by one folder, which goes unnoticed
        # where the temporary folder and the toolchain have only the root in common.
        "LD_LIBRARY_PATH": libraries.stdout.strip(),
    }
    return KernelSpec(argv=[str(program), "--control_file", "{connection_file}"], env=env, language="rust", display_name="Rust")


def code_cells(path):
    notebook = json.loads(path.read_text())
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code"]


FIRST_RESULT = "load(&Input::default())?.purchases.customers()"
TYPE_ERROR = "let wrong: u32 = \"text\";"


def first_results(spec, cwd, load):
    """Seconds from the start of a kernel to the first result of the helper."""
    kernel = Kernel(spec, cwd)
    try:
        _, error = kernel.run(load)
        stop_on(error, load)
        _, error = kernel.run(FIRST_RESULT)
        stop_on(error, FIRST_RESULT)
        return time.time() - kernel.started
    finally:
        kernel.end()


def stop_on(error, code):
    if error:
        raise SystemExit(f"A cell failed:\n{code}\n" + "\n".join(error[0]["traceback"]) + error[0]["evalue"])


def notebooks(spec, cwd, paths):
    """All cells of all notebooks: seconds of each, the type error behind the last, the memory then."""
    seconds, memory, wrong = [], [], []
    for path in paths:
        kernel = Kernel(spec, cwd)
        try:
            for code in code_cells(path):
                took, error = kernel.run(code)
                stop_on(error, code)
                seconds.append((took, path.stem, code.strip().splitlines()[0]))
            memory.append(kernel.memory())
            took, error = kernel.run(TYPE_ERROR)
            wrong.append(took)
        finally:
            kernel.end()
    # The slowest: where compiled cells are kept, the first kernel alone has compiled it.
    return seconds, max(memory), max(wrong), error


def forget_cells(spec):
    """Removes the compiled cells that our kernel keeps beside its library."""
    if helper := spec.env.get("CLTV_HELPER"):
        shutil.rmtree(pathlib.Path(helper) / "cells", ignore_errors=True)


def measure(name, spec, cwd, paths, load, warm=False):
    forget_cells(spec)
    if warm:
        # Not counted: what it has yet to compile of the library.
        first_results(spec, cwd, load)
    first = first_results(spec, cwd, load)
    second = first_results(spec, cwd, load)
    forget_cells(spec)
    seconds, memory, wrong, error = notebooks(spec, cwd, paths)
    if not error:
        raise SystemExit(f"{name} took no offence at `{TYPE_ERROR}`.")
    times = [s for s, _, _ in seconds]
    again = [s for s, _, _ in notebooks(spec, cwd, paths)[0]]
    return {
        "kernel": name, "first": first, "second": second, "cells": len(times), "median": statistics.median(times),
        "slowest": max(seconds), "sum": sum(times), "type error": wrong, "memory": memory,
        "median again": statistics.median(again), "sum again": sum(again),
    }


def batch(cltv, checkout):
    """Seconds of `cltv report` with everything built."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(cltv), "report", "--outputs", folder]
        begun = time.time()
        done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(done.stdout + done.stderr)
        return time.time() - begun


def show(rows):
    print("| |" + "".join(f" {row['kernel']} |" for row in rows) + " ratio |")
    print("|---|" + "---|" * len(rows) + "---|")
    for key, label in [
        ("first", "start to first result, s"), ("second", "the same, second kernel, s"), ("cells", "cells"),
        ("median", "median of all cells, s"), ("sum", "all cells, s"), ("median again", "median on another day, s"),
        ("sum again", "all cells on another day, s"), ("type error", "first type error, s"),
        ("memory", "memory with children, MB"),
    ]:
        ratio = f"{rows[-1][key] / rows[0][key]:.1f}x" if len(rows) > 1 and key != "cells" else ""
        print(f"| {label} |" + "".join(f" {row[key]:.4g} |" for row in rows) + f" {ratio} |")
    print()
    for row in rows:
        took, where, line = row["slowest"]
        print(f"- Slowest cell of {row['kernel']}: {took:.2f} s in {where}: `{line[:80]}`")


def main(cltv, checkout, ours, stock=None):
    paths = sorted((checkout / "notebooks").glob("0[1-5]*.ipynb"))
    # A copy, so that what the notebooks write does not land in the checkout; always the same folder, so that the
    # stock kernel finds the library compiled.
    work = checkout / "target/bench-kernel"
    shutil.rmtree(work, ignore_errors=True)
    try:
        shutil.copytree(checkout / "notebooks", work / "notebooks")
        copies = [work / "notebooks" / path.name for path in paths]
        load = ':dep cltv = { path = "../crates/cltv" }\nuse cltv::prelude::*;'
        link = work / "crates"
        link.symlink_to(checkout / "crates")
        rows = [measure("cltv", spec_of(ours), work / "notebooks", copies, load)]
        if stock:
            spec = stock_spec(stock, stock.parent.parent)
            rows.append(measure("stock evcxr_jupyter", spec, work / "notebooks", copies, load, warm=True))
        forget_cells(spec_of(ours))
        seconds = batch(cltv, checkout)
        again = batch(cltv, checkout)
    finally:
        shutil.rmtree(work)
    show(rows)
    print(f"- The notebooks in batch (`cltv report`): {seconds:.1f} s with every cell compiled, {again:.1f} s warm.")
    found = {**rows[0], "batch": again}
    missed = [f"{key}: {found[key]:.2f}, bound {bound}" for key, bound in BOUNDS.items() if found[key] > bound]
    print("\nAll bounds are kept." if not missed else "\nMissed:\n- " + "\n- ".join(missed))
    return 1 if missed else 0


if __name__ == "__main__":
    arguments = [pathlib.Path(a).resolve() for a in sys.argv[1:]]
    sys.exit(main(*arguments))
