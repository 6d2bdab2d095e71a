#!/usr/bin/env bash
# Installs what `cargo xtask dist` has made where nothing else is, runs it, and compares its executive
# summary with the committed one. Needs root, for other users and a chroot; `cargo xtask dist --check` sets
# the variables.
set -euo pipefail

[ "$(id -u)" = 0 ] || { echo "check_dist.sh needs root, for a chroot and for other users" >&2; exit 1; }
summary="$CHECKOUT/executive_summary.md"
# Other users must be able to pass through every folder above.
WORK=$(mktemp -d)
chmod 755 "$WORK"
clean() {
  mountpoint -q "$WORK/debian/proc" && umount "$WORK/debian/proc"
  rm -rf "$WORK"
}
trap clean EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }

# seconds_of LIMIT NAME COMMAND...
seconds_of() {
  local limit=$1 name=$2 start seconds
  shift 2
  start=$(date +%s.%N)
  "$@" || fail "$name"
  seconds=$(echo "$(date +%s.%N) - $start" | bc)
  echo "$name: $seconds s of at most $limit"
  [ "$(echo "$seconds <= $limit" | bc)" = 1 ] || fail "$name took $seconds s, more than $limit"
}

unpack() { # TARBALL FOLDER
  mkdir -p "$2"
  zstd -dc "$1" | tar -x --strip-components 1 -C "$2"
}

slim_here() {
  local place="$WORK/slim"
  unpack "$SLIM_TARBALL" "$place/installed"
  mkdir "$place/here"
  cd "$place/here"
  export CLTV_CACHE="$place/cache"
  seconds_of 30 "slim tarball on this machine" "$place/installed/bin/cltv" report --quiet
  cmp executive_summary.md "$summary" || fail "the slim variant's summary is another"
  # Without a compiler it says what it needs.
  local said
  said=$(PATH=/usr/bin:/bin HOME=/nowhere RUSTUP_HOME=/nowhere "$place/installed/bin/cltv" report 2>&1) && fail "it ran without a compiler"
  [[ "$said" == *"rustup toolchain install"*"full variant"* ]] || fail "without a compiler it says: $said"
  unset CLTV_CACHE
}

full_for_another_user() {
  local place="$WORK/a folder é ü"
  unpack "$FULL_TARBALL" "$place"
  chown -R 1234:1234 "$place"
  chmod -R a-w,a+rX "$place"
  local here="$WORK/of nobody"
  mkdir "$here"
  chown nobody "$here"
  local run=(setpriv --reuid nobody --regid nogroup --clear-groups env -i HOME="$here" PATH=/usr/bin:/bin)
  seconds_of 60 "full tarball, read-only, of another user" \
    "${run[@]}" sh -c 'cd "$1" && exec "$2/bin/cltv" report --quiet' sh "$here" "$place"
  cmp "$here/executive_summary.md" "$summary" || fail "the full variant's summary is another"
  "${run[@]}" sh -c 'cd "$1" && "$2/bin/cltv" doctor' sh "$here" "$place" | grep -q "full variant" || fail "doctor"
}

# Called by `debian`, whose variables it uses: a JupyterLab beside the wheel lists the kernel and runs notebook 03.
jupyterlab() {
  local wheels="$image$home/wheels"
  python3 -m pip download -q --only-binary :all: --python-version 3.11 -d "$wheels" jupyterlab==4.6.6 ||
    fail "JupyterLab's packages cannot be had"
  chmod -R a+rX "$wheels"
  "${analyst[@]}" "~/env/bin/pip install -q --no-index --find-links ~/wheels jupyterlab" || fail "JupyterLab"
  "${analyst[@]}" "~/env/bin/jupyter kernelspec list" | grep -w cltv || fail "JupyterLab does not list the kernel"
  "${analyst[@]}" "cd ~/shop && ~/env/bin/cltv notebooks && ~/env/bin/jupyter execute --inplace notebooks/03_bgnbd_gamma_gamma.ipynb" ||
    fail "notebook 03 does not run in Jupyter"
  python3 - "$image$home/shop/notebooks/03_bgnbd_gamma_gamma.ipynb" <<'PYTHON' || fail "notebook 03 in Jupyter"
import json, sys
cells = [cell for cell in json.load(open(sys.argv[1]))["cells"] if cell["cell_type"] == "code"]
outputs = [output for cell in cells for output in cell["outputs"]]
errors = [output for output in outputs if output["output_type"] == "error"]
charts = [output for output in outputs if "cltv-chart" in "".join(output.get("data", {}).get("text/html", ""))]
print(f"notebook 03 in Jupyter: {len(cells)} cells, {len(errors)} errors, {len(charts)} charts")
sys.exit(bool(errors) or len(charts) < 5 or any(cell["execution_count"] is None for cell in cells))
PYTHON
}

debian() {
  local image="$WORK/debian"
  command -v debootstrap >/dev/null || apt-get install -y -q --no-install-recommends debootstrap
  debootstrap --variant=minbase bookworm "$image" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"} >"$WORK/debootstrap.log" 2>&1 ||
    { tail -5 "$WORK/debootstrap.log" >&2; fail "debootstrap"; }
  cp /etc/apt/sources.list "$image/etc/apt/sources.list" 2>/dev/null || true
  cp /etc/resolv.conf "$image/etc/resolv.conf"
  mount -t proc proc "$image/proc"
  chroot "$image" apt-get update -q >>"$WORK/debootstrap.log" 2>&1
  chroot "$image" apt-get install -y -q --no-install-recommends python3 python3-venv >>"$WORK/debootstrap.log" 2>&1 ||
    fail "python3-venv"
  for program in rustc cargo cc gcc ld; do
    chroot "$image" sh -c "command -v $program" && fail "the empty Debian has $program"
  done
  local home=/srv/analyst
  chroot "$image" useradd -m -d "$home" analyst
  local wheel=$home/${FULL_WHEEL##*/}
  cp "$FULL_WHEEL" "$image$wheel"
  # Without the variables of this machine.
  local analyst=(chroot "$image" env -i PATH=/usr/bin:/bin HOME="$home" su analyst -c)
  "${analyst[@]}" "python3 -m venv ~/env && mkdir ~/shop"
  seconds_of 60 "pip install and cltv report in an empty Debian 12" \
    "${analyst[@]}" "cd ~/shop && ~/env/bin/pip install -q --no-index $wheel && ~/env/bin/cltv report --quiet"
  cmp "$image$home/shop/executive_summary.md" "$summary" || fail "the summary in Debian is another"
  "${analyst[@]}" "cd ~/shop && ~/env/bin/cltv doctor; ~/env/bin/cltv --version"
  jupyterlab
  "${analyst[@]}" "~/env/bin/pip uninstall -q -y cltv-kernel && ! ls -d ~/env/share/cltv ~/env/bin/cltv ~/env/share/jupyter/kernels/cltv 2>/dev/null" ||
    fail "pip uninstall leaves files"
}

slim_here
full_for_another_user
debian
echo "Everything that was made runs."
