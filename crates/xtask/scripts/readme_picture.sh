#!/usr/bin/env bash
# Draws docs/picture.png for the README: the executive summary beside charts of the last `cltv report`.
# Needs Chromium. Usage: crates/xtask/scripts/readme_picture.sh path/to/cltv
set -euo pipefail
cd "$(dirname "$0")/../../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 - "$work/summary.ipynb" <<'PYTHON'
import json, sys
page = open("executive_summary.md", encoding="utf-8").read()
cell = {"cell_type": "markdown", "id": "summary", "metadata": {}, "source": page}
json.dump({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, open(sys.argv[1], "w"))
PYTHON
"$1" export "$work/summary.ipynb" -o "$work/summary.html"
cp outputs/visualizations/{cumulative_tracking.html,concentration_curve.html,plotly.min.js} "$work"
cat > "$work/page.html" <<'HTML'
<!doctype html>
<style>
  body { margin: 0; display: flex; gap: 16px; padding: 16px; background: #e9ecf1; }
  div { border-radius: 8px; background: white; height: 668px; overflow: hidden; box-shadow: 0 1px 4px #0003; }
  section { display: flex; flex-direction: column; gap: 16px; }
  section div { width: 611px; height: 326px; }
  section iframe { transform: scale(0.62) !important; }
  iframe { border: 0; height: 950px; transform-origin: 0 0; transform: scale(0.72); }
</style>
<div style="width: 800px"><iframe src="summary.html" width="1110"></iframe></div>
<section>
  <div><iframe src="cumulative_tracking.html" width="985"></iframe></div>
  <div><iframe src="concentration_curve.html" width="985"></iframe></div>
</section>
HTML
chromium --headless --no-sandbox --hide-scrollbars --allow-file-access-from-files --window-size=1459,700 \
  --virtual-time-budget=20000 --screenshot="$work/picture.png" "file://$work/page.html" >/dev/null 2>&1
mv "$work/picture.png" docs/picture.png
ls -l docs/picture.png
