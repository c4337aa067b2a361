#!/bin/sh
# Checks deploy/ offline: the Containerfile (hadolint), the compose files (dclint), the units (systemd-analyze).
# The argument is the directory of the virtual environment's commands. A tool that this machine cannot have is named in
# one line and left out; one that is here and finds a fault fails the run.
set -eu

bin=$1
here=deploy/lint
work=var/lint
failed=0
mkdir -p "$work"

missing() {
    echo "lint: $1; not checked here"
    # What continuous integration leaves out, nobody checks.
    [ -z "${CI:-}" ] || failed=1
}

# The wheel of hadolint has no binary for some machines; then the command is there and cannot start.
if "$bin/hadolint" --version >/dev/null 2>&1; then
    echo "hadolint deploy/Containerfile"
    "$bin/hadolint" --config $here/hadolint.yaml deploy/Containerfile || failed=1
else
    missing "hadolint does not run on this machine (deploy/Containerfile)"
fi

if command -v npm >/dev/null 2>&1; then
    if ! cmp -s $here/package-lock.json "$work/package-lock.json" || [ ! -x "$work/node_modules/.bin/dclint" ]; then
        cp $here/package.json $here/package-lock.json "$work/"
        (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error) || {
            rm -f "$work/package-lock.json"
            echo "lint: npm could not install dclint as deploy/lint/package-lock.json names it" >&2
            exit 1
        }
    fi
    echo "dclint deploy/institution deploy/coordinator"
    "$work/node_modules/.bin/dclint" --max-warnings 0 -c $here/dclint.yaml deploy/institution/compose.yaml \
        deploy/coordinator/compose.yaml || failed=1
else
    missing "npm is not here (compose files)"
fi

# The units name the command where an installation puts it; here it lies in .venv, so a copy is checked that says so.
if command -v systemd-analyze >/dev/null 2>&1; then
    units="$work/units"
    rm -rf "$units"
    mkdir -p "$units"
    for unit in deploy/systemd/*.service; do
        sed "s|/opt/entrepot/bin/entrepot|$PWD/$bin/entrepot|" "$unit" >"$units/${unit##*/}"
    done
    echo "systemd-analyze verify deploy/systemd/*.service"
    # verify exits 0 on an unknown directive and only says so: what it says about our units is a fault.
    systemd-analyze verify --man=no "$units"/*.service >"$work/verify.txt" 2>&1 || failed=1
    if grep entrepot- "$work/verify.txt" >&2; then
        failed=1
    fi
    for unit in "$units"/*.service; do
        systemd-analyze security --offline=true --threshold=20 --no-pager "$unit" >"$work/security.txt" 2>&1 || {
            echo "lint: ${unit##*/} is more exposed than 2.0:" >&2
            cat "$work/security.txt" >&2
            failed=1
        }
    done
else
    missing "systemd-analyze is not here (units)"
fi

exit $failed
