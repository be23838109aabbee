#!/usr/bin/env bash
# Runs every notebook on a fresh release of the sample project, and fails where
# a cell does; then other software reads the release (readers.py). The Python
# packages go to out/python, and are installed again only when requirements.txt
# changes. LibreOffice is installed where it is missing and we may.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! cmp -s notebooks/requirements.txt out/python/installed.txt; then
	rm -rf out/python
	python3 -m venv out/python
	out/python/bin/python -m pip install --quiet --disable-pip-version-check -r notebooks/requirements.txt
	cp notebooks/requirements.txt out/python/installed.txt
fi

if ! command -v soffice >/dev/null; then
	if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
		echo "notebooks/readers.py opens the workbook with LibreOffice: install libreoffice-calc" >&2
		exit 1
	fi
	apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends libreoffice-calc-nogui
fi

project=$(mktemp -d)
trap 'rm -rf "$project" "$project.log"' EXIT
bin/kankei simulate "$project" --scenario sample --seed 30 --persons 200000 >"$project.log" 2>&1 || { cat "$project.log"; exit 1; }
bin/kankei run -C "$project" >"$project/run.log" 2>&1 || { cat "$project/run.log"; exit 1; }

export KANKEI_RELEASE="$project/releases/current"
export IPYTHONDIR="$project/ipython" JUPYTER_RUNTIME_DIR="$project/jupyter"
for notebook in notebooks/*.ipynb; do
	out/python/bin/jupyter-execute --kernel_name=python3 --timeout=60 "$notebook" 2>"$project/notebook.log" ||
		{ cat "$project/notebook.log"; exit 1; }
	echo "$notebook: ok"
done
out/python/bin/python notebooks/readers.py
