"""The same notebooks through stock papermill and through `cltv run`: what they give must be equal.

usage: compare.py CLTV_PROGRAM CHECKOUT [NOTEBOOK...]

Parameters of every type are set, hostile texts among them. Compared are the outputs of every cell and every file
that the notebooks write. Then a run that fails must fail in the same cell with the same error in both, and
`jupyter execute` and `jupyter nbconvert --execute` must run a notebook too.
"""

import filecmp
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

INJECTION = '"; std::process::exit(0); "'
# Given to the notebooks that declare them: (option, name, value).
PARAMETERS = [
    ("-p", "horizon_months", "12"),
    ("-p", "discount_annual", "0.15"),
    ("-p", "margin", "1"),
    ("-r", "currency", INJECTION),
]


def run(*command, cwd=None):
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def cells(path):
    """The code cells that were in the source, as (source, outputs); what runners add of their own is left out."""
    notebook = json.loads(path.read_text())
    added = {"papermill-error-cell-tag", "injected-parameters"}
    found = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not added & set(cell["metadata"].get("tags", [])):
            outputs = [normal(o) for o in cell["outputs"]]
            found.append(("".join(cell["source"]), [o for o in outputs if not is_progress(o)]))
    return found


def is_progress(output):
    """What a step that took long says when it is done; on a faster day it says nothing."""
    text = output.get("data", {}).get("text/plain", "")
    return re.fullmatch(r"[^\n]+: done in [\d.]+ s\.\n?", text) is not None


# What differs in each process: a chart's id, and the seconds that a model took, left of what its audits say.
PASSING = [
    (r"(cltv-\w+)-[0-9a-f]{16}", r"\1"),
    (r">[\d.]+(</td><td[^>]*>(?:ok|note|warning)</td>)", r">\1"),
    (r"(?m) +[\d.]+ +(ok|note|warning)$", r" \1"),
]


def normal(output):
    """An output with its texts joined, as nbformat allows lists of lines, and without what passes."""

    def join(value):
        if isinstance(value, list) and all(isinstance(line, str) for line in value):
            value = "".join(value)
        if isinstance(value, str):
            for passing, kept in PASSING:
                value = re.sub(passing, kept, value)
        return value

    output = {k: join(v) for k, v in output.items() if k not in ("execution_count", "transient")}
    if "data" in output:
        output["data"] = {k: join(v) for k, v in output["data"].items()}
    return output


def injected(path):
    notebook = json.loads(path.read_text())
    found = [c for c in notebook["cells"] if "injected-parameters" in c["metadata"].get("tags", [])]
    return "".join(found[0]["source"]) if found else ""


def declares(notebook, name):
    source = "".join("".join(c["source"]) for c in notebook["cells"] if "parameters" in c["metadata"].get("tags", []))
    return f"let {name}:" in source


class Runs:
    """Both runners on one copy of the notebooks, one after the other, into the same output folder."""

    def __init__(self, cltv, checkout, work):
        self.cltv, self.work = cltv, work
        self.notebooks = work / "notebooks"
        shutil.copytree(checkout / "notebooks", self.notebooks)
        # The first cell names ../crates/cltv, which the kernel answers from its prebuilt library.

    def one(self, runner, path, parameters, out):
        command = {
            "papermill": [sys.executable, "-m", "papermill", path, out, "-k", "cltv", "--cwd", self.notebooks, "--no-progress-bar"],
            "cltv": [self.cltv, "run", path, out],
        }[runner]
        for option, name, value in parameters:
            command += [option, name, value]
        started = time.time()
        code, said = run(*command, cwd=self.notebooks)
        return code, said, time.time() - started

    def both(self, name, parameters, label):
        """Results by runner: exit code, what was said, the executed notebook, the folder with its files."""
        results = {}
        for runner in ("papermill", "cltv"):
            out = self.work / f"{label}-{runner}.ipynb"
            code, said, seconds = self.one(runner, self.notebooks / f"{name}.ipynb", parameters, out)
            files, kept = self.work / "outputs", self.work / f"{label}-{runner}"
            if files.exists():
                files.rename(kept)
            else:
                kept.mkdir()
            results[runner] = (code, said, out, kept, seconds)
        return results


def same_files(left, right):
    names = sorted(str(p.relative_to(left)) for p in left.rglob("*") if p.is_file())
    others = sorted(str(p.relative_to(right)) for p in right.rglob("*") if p.is_file())
    if names != others:
        return [f"papermill's run wrote {names}, cltv's {others}"], 0
    _, different, missing = filecmp.cmpfiles(left, right, names, shallow=False)
    return [f"{n} differs" for n in different + missing], len(names)


def compare_notebook(runs, path):
    notebook = json.loads(path.read_text())
    parameters = [(o, n, v) for o, n, v in PARAMETERS if declares(notebook, n)]
    if declares(notebook, "outputs"):
        parameters.append(("-r", "outputs", str(runs.work / "outputs")))
    results = runs.both(path.stem, parameters, path.stem)
    for runner, (code, said, _, _, _) in results.items():
        if code != 0:
            yield f"{runner} ended with {code}:\n{said[-3000:]}"
            return
    (_, _, left, left_files, slow), (_, _, right, right_files, fast) = results["papermill"], results["cltv"]
    for number, (a, b) in enumerate(zip(cells(left), cells(right), strict=True), 1):
        if a != b:
            yield f"cell {number} differs:\n{json.dumps(a)[:700]}\n{json.dumps(b)[:700]}"
    for place in (left, right):
        if declares(notebook, "currency") and '"\\"; std::process::exit(0); \\""' not in injected(place):
            yield f"the hostile text was not injected as one literal:\n{injected(place)}"
    problems, count = same_files(left_files, right_files)
    yield from problems
    print(f"{path.stem}: {len(cells(left))} cells and {count} files compared "
          f"(papermill {slow:.1f} s, cltv run {fast:.1f} s)")


def compare_failure(runs):
    hostile = 'no such file"; std::process::exit(0); ".csv'
    results = runs.both("01_eda", [("-r", "transactions", hostile)], "failure")
    seen = {}
    for runner, (code, said, out, _, _) in results.items():
        if code != 1:
            yield f"{runner} ended a failing run with {code}, not 1:\n{said[-2000:]}"
            return
        failed = [(i, o) for i, (_, outputs) in enumerate(cells(out)) for o in outputs if o["output_type"] == "error"]
        seen[runner] = [(i, o["ename"], o["evalue"]) for i, o in failed]
        if not failed or "std::process::exit(0)" not in failed[0][1]["evalue"]:
            yield f"{runner}: the hostile text is not in the error: {seen[runner]}"
    if seen["papermill"] != seen["cltv"]:
        yield f"the errors differ: {seen}"
    print(f"a failing run: both ended with 1 in cell {seen['cltv'][0][0] + 1} with the same error")


def refusal(runs):
    for runner in ("papermill", "cltv"):
        out = runs.work / f"refused-{runner}.ipynb"
        code, said, _ = runs.one(runner, runs.notebooks / "03_bgnbd_gamma_gamma.ipynb", [("-p", "horizon_months", "-1")], out)
        if code == 0 or "horizon_months" not in said:
            yield f"{runner} accepted a negative horizon_months ({code}):\n{said[-1000:]}"
    print("a negative horizon_months: refused by both, by name")


def other_programs(runs):
    source = runs.notebooks / "02_rfm.ipynb"
    for name, command in {
        "jupyter execute": ["execute", source, f"--output={runs.work / 'executed.ipynb'}"],
        "jupyter nbconvert --execute": ["nbconvert", "--execute", "--to", "html", source, "--output", runs.work / "page.html"],
    }.items():
        code, said = run(sys.executable, "-m", "jupyter", *command, cwd=runs.notebooks)
        if code != 0:
            yield f"{name} ended with {code}:\n{said[-2000:]}"
        else:
            print(f"{name}: ran 02_rfm")


def main(cltv, checkout, *names):
    with tempfile.TemporaryDirectory() as folder:
        runs = Runs(cltv, checkout, pathlib.Path(folder))
        failures = []
        for path in sorted(runs.notebooks.glob("*.ipynb")):
            if names and path.stem not in names:
                continue
            failures += [f"{path.stem}: {f}" for f in compare_notebook(runs, path)]
        for check in (compare_failure, refusal, other_programs):
            failures += list(check(runs))
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    if not failures:
        print("All of it is equal in both.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve(), *sys.argv[3:]))
