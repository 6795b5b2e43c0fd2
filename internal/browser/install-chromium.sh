#!/bin/sh
# Installs Chromium from Debian's packages, unless there is a browser already:
# $CHROMIUM, or one in PATH. The archive keeps one version, that of its latest
# security update; what drives it (playwright-core) is pinned by the lock file.
set -eu
oldest=120 # the page unpacks with DecompressionStream; tests need headless=new

version() { "$1" --version 2>/dev/null | sed -n 's/.* \([0-9][0-9]*\)\.[0-9.]*.*/\1/p' | head -n 1; }

for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
	[ -n "$name" ] && command -v "$name" >/dev/null || continue
	found=$(version "$name")
	[ "${found:-0}" -ge $oldest ] && echo "$(command -v "$name"): version $found" && exit 0
	echo "$name: version ${found:-unknown}, want $oldest or later" >&2
	exit 1
done
as_root=
[ "$(id -u)" = 0 ] || as_root=sudo
$as_root apt-get update -qq
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -qq -y --no-install-recommends chromium
echo "$(command -v chromium): version $(version chromium)"
