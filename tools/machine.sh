#!/bin/sh
# Finds what the tests need of the machine, or installs it where that is allowed: a Chromium, a font with Chinese characters,
# on Linux strace. No browser, no strace: one line and exit 1. No font: one line and on, for only looks suffer.
set -eu

apt_install() {
    command -v apt-get >/dev/null 2>&1 || return 1
    if [ "$(id -u)" = 0 ]; then
        sudo=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        sudo="sudo -n"
    else
        return 1
    fi
    echo "tests: installing $1 with apt-get"
    $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

brew_install() {
    command -v brew >/dev/null 2>&1 || return 1
    echo "tests: installing $1 with brew"
    brew install --quiet --cask "$1"
}

have_browser() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    for app in "/Applications/Chromium.app" "/Applications/Google Chrome.app"; do
        [ -d "$app" ] && return 0
    done
    "${PYTHON:-.venv/bin/python}" - <<'PY'
import pathlib
import sys

from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    sys.exit(not pathlib.Path(playwright.chromium.executable_path).exists())
PY
}

have_font() {
    command -v fc-list >/dev/null 2>&1 || [ "$(uname)" = Darwin ] || return 1
    [ "$(uname)" = Darwin ] || [ -n "$(fc-list :lang=zh family)" ]
}

have_browser || apt_install chromium || brew_install chromium || {
    echo "tests: the browser tests need Chromium; install it (Debian: apt-get install chromium) and try again" >&2
    exit 1
}
have_font || apt_install fonts-noto-cjk ||
    echo "tests: no font with Chinese characters here; the tests run, but screenshots will show boxes"
[ "$(uname)" != Linux ] || command -v strace >/dev/null 2>&1 || apt_install strace || {
    echo "tests: one test asks the kernel what was written when; install strace (Debian: apt-get install strace)" >&2
    exit 1
}
