#!/bin/sh
# Makes the environment named by the first argument from requirements-openedx.lock: the platform of Open edX, for tests.
set -eu

venv=$1
[ -x "$venv/bin/python" ] || "${PYTHON:-.venv/bin/python}" -m venv "$venv"
echo "platforms: installing what requirements-openedx.lock names into $venv"
"$venv/bin/python" -m pip --disable-pip-version-check install --quiet --quiet --no-deps --require-hashes -r requirements-openedx.lock
