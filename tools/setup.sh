#!/bin/sh
# Makes the virtual environment named by the first argument from requirements-dev.lock, and puts this tree into it.
# Needs no root; asks the system's package manager for python3-venv only where Python lacks it. Every failure is one line.
set -eu

venv=$1
python=${PYTHON:-python3}

fail() {
    echo "setup: $1" >&2
    exit 1
}

command -v "$python" >/dev/null 2>&1 ||
    fail "no $python here; install Python 3.11 or later, or name one: PYTHON=/path/to/python3 make setup"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    fail "$("$python" --version) is too old; name Python 3.11 or later: PYTHON=/path/to/python3 make setup"

if [ ! -x "$venv/bin/python" ]; then
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        package="$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
        if ! command -v apt-get >/dev/null 2>&1; then
            fail "$python has no venv module; install it with your package manager ($package), then try again"
        elif [ "$(id -u)" = 0 ]; then
            apt-get update -qq && apt-get install -y -qq "$package" >/dev/null || fail "apt-get install $package failed"
        elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
            sudo -n apt-get update -qq && sudo -n apt-get install -y -qq "$package" >/dev/null ||
                fail "apt-get install $package failed"
        else
            fail "$python has no venv module; run: sudo apt-get install $package"
        fi
    fi
    "$python" -m venv "$venv"
fi

pip="$venv/bin/python -m pip --disable-pip-version-check"
echo "setup: installing what requirements-dev.lock names into $venv"
# The lock names everything, so nothing is resolved: pip would take a newer release for a package asked for with an extra.
$pip install --quiet --quiet --no-deps --require-hashes -r requirements-dev.lock
$pip install --quiet --quiet --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
