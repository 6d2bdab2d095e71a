"""Runs a notebook in a real JupyterLab in headless Chromium without any network.

usage: drive.py NOTEBOOK_FOLDER NOTEBOOK_NAME OUT_FOLDER

Fails when a cell ends in an error, when no chart was drawn, or when no table is
there; writes screenshots of the whole notebook into OUT_FOLDER. Called by
`cargo xtask browser`, which sets up the environment.
"""

import json
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

CHROMIUM = next((p for p in ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome") if pathlib.Path(p).exists()), None)
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    # No name resolves but this machine's own: what shows, shows offline.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
VIEW = {"width": 1280, "height": 1500}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def start_lab(folder, settings):
    tracker = settings / "@jupyterlab" / "notebook-extension"
    tracker.mkdir(parents=True)
    # Every cell is drawn, so that the screenshots show all of them.
    (tracker / "tracker.jupyterlab-settings").write_text(json.dumps({"windowingMode": "none"}))
    port = free_port()
    log = open(settings / "lab.log", "w")
    lab = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
         "--IdentityProvider.token=cltv", f"--ServerApp.root_dir={folder}", f"--LabApp.user_settings_dir={settings}",
         "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate", "--LabApp.news_url="],
        stdout=log, stderr=log)
    for _ in range(240):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return lab, port
        time.sleep(0.25)
    raise SystemExit("JupyterLab did not start; its log: " + (settings / "lab.log").read_text()[-2000:])


def wait_until_done(page, patience):
    """Waits until no cell is queued or running and the kernel is idle."""
    calm = 0
    for _ in range(int(patience / 0.5)):
        time.sleep(0.5)
        state = page.evaluate(
            """() => ({
                star: [...document.querySelectorAll('.jp-InputPrompt')].filter(e => e.textContent.includes('*')).length,
                errors: document.querySelectorAll('[data-mime-type="application/vnd.jupyter.error"], [data-mime-type="application/vnd.jupyter.stderr"]').length,
                done: [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].filter(e => /\\[\\d+\\]/.test(e.textContent)).length,
                code: document.querySelectorAll('.jp-CodeCell').length,
            })""")
        finished = state["star"] == 0 and (state["done"] == state["code"] or state["errors"])
        calm = calm + 1 if finished else 0
        if calm >= 4:
            return state
    raise SystemExit(f"the notebook did not finish within {patience} s: {state}")


def run_all(page):
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def screenshots(page, out, stem):
    panel = page.locator(".jp-WindowedPanel-outer").first
    height = panel.evaluate("e => e.scrollHeight")
    step = panel.evaluate("e => e.clientHeight")
    for i, top in enumerate(range(0, height, step)):
        panel.evaluate("(e, top) => e.scrollTo(0, top)", top)
        time.sleep(0.7)
        page.screenshot(path=str(out / f"{stem}-{i:02}.png"))


def main(source, name, out):
    out.mkdir(parents=True, exist_ok=True)
    if CHROMIUM is None:
        raise SystemExit("Chromium is not installed: apt-get install chromium")
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        folder = scratch / "work"
        shutil.copytree(source, folder / "notebooks")
        lab, port = start_lab(folder, scratch / "settings")
        try:
            with sync_playwright() as p:
                browser = p.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                page = browser.new_page(viewport=VIEW)
                page.goto(f"http://127.0.0.1:{port}/lab/tree/notebooks/{name}?token=cltv")
                page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
                time.sleep(3)
                started = time.time()
                run_all(page)
                state = wait_until_done(page, 300)
                seconds = time.time() - started
                charts = page.locator(".js-plotly-plot .main-svg").count()
                tables = page.locator(".jp-OutputArea table").count()
                screenshots(page, out, pathlib.Path(name).stem)
                browser.close()
        finally:
            lab.terminate()
            lab.wait(20)
    print(f"{name}: {state['done']} of {state['code']} cells ran in {seconds:.1f} s, "
          f"{charts} chart layers and {tables} tables are drawn, {state['errors']} errors, no network")
    if state["errors"] or charts == 0 or tables == 0:
        raise SystemExit(1)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3]))
