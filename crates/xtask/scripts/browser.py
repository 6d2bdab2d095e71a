"""Runs a notebook in a real JupyterLab in headless Chromium without any network.

usage: browser.py NOTEBOOK OUT_FOLDER CLTV

Fails when a cell does not run or ends in an error, when a chart stays empty, when
there is no chart or no table, or when the page asks for anything that is not on
this machine. Then the notebook is saved and opened again, and its charts must
show without a run. Then a parameter is edited and all cells run again, which must
change what they say; and a cell that never ends is interrupted, which must take at
most two seconds and say what was lost. Tab and Shift-Tab must offer and explain names.
At last the saved notebook, with scripts of
a stranger in its outputs, is exported by the program CLTV: the page's charts must show,
and the strangers' scripts must not run unless they are allowed. Screenshots of the
whole notebook go to OUT_FOLDER. Called by `cargo xtask browser`, which sets up the
environment.
"""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse

from playwright.sync_api import sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # No name resolves but this machine's own: what shows, shows offline.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
VIEW = {"width": 1280, "height": 1500}
PATIENCE = {"start": 90, "run": 300, "draw": 60}

# What stands in the page. A chart is drawn when its layers hold marks: an empty frame has none.
STATE = """() => {
    const all = (selector, inside = document) => [...inside.querySelectorAll(selector)];
    const marks = '.trace path, .trace image, .trace text, .points path, .heatmaplayer image, .hm image, .bars path';
    const outputs = all('.jp-Cell .jp-OutputArea-output');
    return {
        code: all('.jp-CodeCell').length,
        waiting: all('.jp-InputPrompt').filter(e => e.textContent.includes('*')).length,
        done: all('.jp-CodeCell .jp-InputPrompt').filter(e => /\\[\\d+\\]/.test(e.textContent)).length,
        errors: outputs
            .filter(e => /jupyter\\.(error|stderr)$/.test(e.dataset.mimeType || ''))
            .map(e => e.innerText.slice(0, 2000)),
        tables: all('.jp-OutputArea table').length,
        formulas: all('.jp-MarkdownCell mjx-container').length,
        charts: all('.cltv-chart').map(div => {
            const box = div.getBoundingClientRect(), area = div.closest('.jp-OutputArea-output').getBoundingClientRect();
            return {
                id: div.id, text: div.innerText.slice(0, 120), layers: all('.main-svg', div).length,
                marks: all(marks, div).length, width: box.width, height: box.height, room: area.width,
            };
        }),
    };
}"""


STATE_OF_EXPORT = """() => ({
    drawn: [...document.querySelectorAll('.cltv-chart')].filter(div => div.querySelector('.main-svg')).length,
    attacks: window.attacks || 0,
})"""

# Ways in which html runs code without a click; each counts in the page's window.
ATTACKS = [
    "<script>window.attacks = (window.attacks || 0) + 1;</script>",
    "<img src='data:,' onerror='window.attacks = (window.attacks || 0) + 1'>",
    "<svg onload='window.attacks = (window.attacks || 0) + 1'></svg>",
    "<script src=\"data:text/javascript,window.attacks=(window.attacks||0)+1\"></script>",
    "<iframe srcdoc='<script>parent.attacks = (parent.attacks || 0) + 1</script>'></iframe>",
]


class Failure(Exception):
    """What was found wrong, as one sentence."""


def chromium():
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    raise Failure("Chromium is not installed: apt-get install chromium")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_lab(folder, settings):
    # Every cell is drawn, so that the checks and the screenshots see all of them; no questions are asked.
    for name, values in {
        "notebook-extension/tracker": {"windowingMode": "none"},
        "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    }.items():
        file = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(values))
    port = free_port()
    log = settings / "lab.log"
    with open(log, "w") as out:
        lab = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
             "--IdentityProvider.token=cltv", f"--ServerApp.root_dir={folder}", f"--LabApp.user_settings_dir={settings}",
             f"--LabApp.workspaces_dir={settings}/workspaces", f"--NotebookNotary.data_dir={settings}",
             "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url="],
            stdout=out, stderr=out)
    deadline = time.time() + PATIENCE["start"]
    while time.time() < deadline and lab.poll() is None:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return lab, port
        time.sleep(0.25)
    lab.kill()
    raise Failure("JupyterLab did not start; its log ends with:\n" + log.read_text()[-2000:])


def open_notebook(page, port, name):
    page.goto(f"http://127.0.0.1:{port}/lab/tree/notebooks/{urllib.parse.quote(name)}?token=cltv&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=PATIENCE["start"] * 1000)


def menu(page, *path):
    page.locator(".lm-MenuBar-item", has_text=path[0]).first.click()
    page.locator(".lm-Menu-item", has_text=path[1]).first.click()


def run_all(page):
    """Asks the kernel, once it is idle, for all cells, and waits until none is left."""
    page.wait_for_selector("#jp-main-statusbar :text('(cltv) | Idle')", timeout=PATIENCE["start"] * 1000)
    menu(page, "Run", "Run All Cells")
    state, calm, deadline = None, 0, time.time() + PATIENCE["run"]
    while time.time() < deadline:
        time.sleep(0.5)
        state = page.evaluate(STATE)
        over = state["waiting"] == 0 and (state["done"] == state["code"] or state["errors"])
        calm = calm + 1 if over else 0
        if calm >= 4:
            return
    raise Failure(f"the notebook did not finish within {PATIENCE['run']} s: {state['done']} of {state['code']} cells ran")


def wait_for_charts(page, at_least=0):
    """The first chart unpacks the library, so all of them may come a moment after their cells."""
    deadline = time.time() + PATIENCE["draw"]
    while True:
        state = page.evaluate(STATE)
        if (len(state["charts"]) >= at_least and not empty(state)) or time.time() > deadline:
            return state
        time.sleep(0.5)


def empty(state):
    return [c for c in state["charts"] if c["layers"] == 0 or c["marks"] == 0 or min(c["width"], c["height"]) < 200]


def save(page, path):
    """The notebook as saved: the file is read until it holds outputs and is whole."""
    menu(page, "File", "Save Notebook")
    deadline = time.time() + 30
    while time.time() < deadline:
        time.sleep(0.3)
        try:
            saved = json.loads(path.read_text())
        except ValueError:
            continue
        if any(cell.get("outputs") for cell in saved["cells"]):
            return saved
    raise Failure("the notebook was not saved within 30 s")


def screenshots(page, out, stem):
    panel = page.locator(".jp-Notebook:visible").first.evaluate_handle(
        "e => [e, ...e.querySelectorAll('*')].find(x => x.scrollHeight > x.clientHeight + 20 && "
        "/auto|scroll/.test(getComputedStyle(x).overflowY)) || e")
    # JupyterLab lets one scroll past the end; the pictures stop at the last cell.
    height = panel.evaluate(
        "e => e.scrollTop + Math.max(...[...e.querySelectorAll('.jp-Cell')].map(c => c.getBoundingClientRect().bottom))"
        " - e.getBoundingClientRect().top")
    step = panel.evaluate("e => e.clientHeight - 40")
    for old in out.glob(f"{stem}-*.png"):
        old.unlink()
    for i, top in enumerate(range(0, int(height), step)):
        panel.evaluate("(e, top) => e.scrollTo(0, top)", top)
        time.sleep(0.7)
        page.screenshot(path=str(out / f"{stem}-{i:02}.png"))


def problems(state, saved, foreign):
    """Everything that is wrong, from the page and from the saved file."""
    for text in state["errors"]:
        yield "a cell ended in an error:\n" + text
    for cell in saved["cells"]:
        for output in cell.get("outputs", []):
            if output["output_type"] == "error":
                yield f"the saved notebook holds the error {output['ename']}: {output['evalue'][:500]}"
    if state["done"] != state["code"]:
        yield f"only {state['done']} of {state['code']} cells ran"
    if state["tables"] == 0:
        yield "no table is there"
    if not state["charts"]:
        yield "no chart is there"
    for chart in empty(state):
        yield f"the chart {chart['id']} is empty; it says: {chart['text']!r}"
    for chart in state["charts"]:
        if chart["width"] > chart["room"] + 1:
            yield f"the chart {chart['id']} is {chart['width']:.0f} pixels wide and has room for {chart['room']:.0f}"
    for url in sorted(foreign):
        yield f"the page asked for {url[:200]}, which is not on this machine"


def check(page, port, name, folder, out, foreign, cltv):
    stem = pathlib.Path(name).stem
    open_notebook(page, port, name)
    started = time.time()
    run_all(page)
    state = wait_for_charts(page)
    seconds = time.time() - started
    screenshots(page, out, stem)
    path = folder / "notebooks" / name
    saved = save(page, path)
    found = list(problems(state, saved, foreign))
    print(f"{name}: {state['done']} of {state['code']} cells ran in {seconds:.1f} s, {len(state['charts'])} charts and "
          f"{state['tables']} tables are drawn, {state['formulas']} formulas are set, {len(state['errors'])} errors; "
          f"{path.stat().st_size / 1e6:.1f} MB saved")
    open_notebook(page, port, name)
    again = wait_for_charts(page, len(state["charts"]))
    found += [f"opened again, the chart {c['id']} is empty: {c['text']!r}" for c in empty(again)]
    if len(again["charts"]) != len(state["charts"]):
        found.append(f"opened again, {len(again['charts'])} of {len(state['charts'])} charts are there")
    if page.locator(".jp-CodeCell .cm-line", has_text="let horizon_months").count():
        found += list(edit_parameter(page, stem, out))
    found += list(complete(page, stem, out))
    found += list(interrupt(page, stem, out))
    return found + list(export(page, saved, cltv, out, stem))


def edit_parameter(page, stem, out):
    """As an analyst does it: another horizon, typed into the parameters cell, and everything again."""
    line = page.locator(".jp-CodeCell .cm-line", has_text="let horizon_months").first
    line.click()
    page.keyboard.press("Home")
    page.keyboard.press("Shift+End")
    page.keyboard.insert_text("let horizon_months: u32 = 12;")
    started = time.time()
    run_all(page)
    said = "\n".join(page.locator(".jp-OutputArea-output").all_inner_texts())
    page.screenshot(path=str(out / f"{stem}-edited.png"))
    print(f"another horizon: all cells again in {time.time() - started:.1f} s")
    state = page.evaluate(STATE)
    yield from ("after the edit, a cell ended in an error:\n" + text for text in state["errors"])
    if "12 months" not in said:
        yield "after the edit, no output speaks of 12 months"


def new_cell(page):
    """Below the last one, with the cursor in it."""
    page.locator(".jp-CodeCell .cm-content").last.click()
    page.keyboard.press("Escape")
    page.keyboard.press("b")
    page.keyboard.press("Enter")


def complete(page, stem, out):
    """Tab behind values, and Shift-Tab behind a function."""
    # What is typed, a name that must be offered, and how many at least.
    cases = [("fit.", "predict", 5), ('col("amount").', "sum", 100), ("vec![1].iter().", "map", 50)]
    for number, (typed, wanted, least) in enumerate(cases):
        new_cell(page)
        page.keyboard.type(typed)
        started = time.time()
        page.keyboard.press("Tab")
        items = page.locator(".jp-Completer .jp-Completer-item")
        items.first.wait_for(timeout=20_000)
        seconds = time.time() - started
        page.screenshot(path=str(out / f"{stem}-completed-{number}.png"))
        names = [name.split("(")[0].strip() for name in page.locator(".jp-Completer-match").all_inner_texts()]
        print(f"Tab behind {typed} offers {len(names)} names after {seconds:.1f} s")
        if not any(name.startswith(wanted) for name in names) or len(names) < least:
            yield f"Tab behind {typed} offers {names[:10]}, not {wanted}"
        page.keyboard.press("Escape")
    new_cell(page)
    page.keyboard.type("audit(")
    page.keyboard.press("Shift+Tab")
    tooltip = page.locator(".jp-Tooltip")
    tooltip.wait_for(timeout=20_000)
    page.screenshot(path=str(out / f"{stem}-explained.png"))
    if "fn audit" not in tooltip.inner_text():
        yield f"Shift-Tab behind audit( says {tooltip.inner_text()[:200]!r}"
    page.keyboard.press("Escape")


def interrupt(page, stem, out):
    """A cell that never ends, and the Interrupt button of the menu."""
    new_cell(page)
    page.keyboard.insert_text('println!("busy"); loop { std::thread::sleep(std::time::Duration::from_millis(20)); }')
    page.keyboard.press("Control+Enter")
    page.locator(".jp-OutputArea-output", has_text="busy").last.wait_for(timeout=20_000)
    started = time.time()
    menu(page, "Kernel", "Interrupt Kernel")
    # The cell's own code holds no such word.
    error = page.locator(".jp-OutputArea-output", has_text="Interrupted").last
    error.wait_for(timeout=30_000)
    seconds = time.time() - started
    error.scroll_into_view_if_needed()
    page.screenshot(path=str(out / f"{stem}-interrupted.png"))
    print(f"interrupted after {seconds:.1f} s: {error.inner_text().splitlines()[0]}")
    if seconds > 2:
        yield f"the interrupt took {seconds:.1f} s, more than 2"
    if "lost" not in error.inner_text():
        yield "the interrupt does not say what was lost"


def export(page, saved, cltv, out, stem):
    """The page that is made of the saved notebook, with attacks in it."""
    charts = sum("cltv-chart" in "".join(output.get("data", {}).get("text/html", ""))
                 for cell in saved["cells"] for output in cell.get("outputs", []))
    for attack in ATTACKS:
        saved["cells"].append({
            "cell_type": "code", "id": f"attack-{len(saved['cells'])}", "metadata": {}, "source": "1", "execution_count": 1,
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"text/html": attack}}]})
    notebook, html = out / f"{stem}-attacked.ipynb", out / f"{stem}-exported.html"
    notebook.write_text(json.dumps(saved))
    for more, wanted in (([], 0), (["--allow-scripts"], len(ATTACKS))):
        subprocess.run([cltv, "export", notebook, "-o", html, *more], check=True)
        page.goto(html.as_uri())
        deadline = time.time() + PATIENCE["draw"]
        while time.time() < deadline:
            state = page.evaluate(STATE_OF_EXPORT)
            if state["drawn"] == charts and state["attacks"] >= wanted:
                break
            time.sleep(0.5)
        time.sleep(1)
        state = page.evaluate(STATE_OF_EXPORT)
        if not more:
            page.screenshot(path=str(out / f"{stem}-exported.png"))
        print(f"exported{' with all scripts' if more else ''}: {state['drawn']} of {charts} charts are drawn, "
              f"{state['attacks']} of {len(ATTACKS)} attacks ran")
        if (state["drawn"], state["attacks"]) != (charts, wanted):
            yield f"of the exported page, {state['drawn']} of {charts} charts are drawn and {state['attacks']} attacks ran"
    notebook.unlink()


def main(notebook, out, cltv):
    out.mkdir(parents=True, exist_ok=True)
    foreign = set()

    def note(request):
        parts = urllib.parse.urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about", "file") and parts.hostname != "127.0.0.1":
            foreign.add(request.url)

    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch) / "work"
        shutil.copytree(notebook.parent, folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
        lab, port = start_lab(folder, pathlib.Path(scratch) / "settings")
        try:
            with sync_playwright() as p:
                browser = p.chromium.launch(executable_path=chromium(), args=FLAGS)
                page = browser.new_page(viewport=VIEW)
                page.on("request", note)
                page.on("dialog", lambda dialog: dialog.accept())
                try:
                    return check(page, port, notebook.name, folder, out, foreign, cltv)
                except Exception:
                    page.screenshot(path=str(out / f"{notebook.stem}-failed.png"))
                    raise
                finally:
                    browser.close()
        finally:
            lab.terminate()
            try:
                lab.wait(20)
            except subprocess.TimeoutExpired:
                lab.kill()


if __name__ == "__main__":
    try:
        found = main(*(pathlib.Path(argument).resolve() for argument in sys.argv[1:]))
    except Failure as failure:
        found = [str(failure)]
    for line in found:
        print(f"FAILED: {line}", file=sys.stderr)
    sys.exit(1 if found else 0)
