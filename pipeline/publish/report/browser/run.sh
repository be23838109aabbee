#!/usr/bin/env bash
# Opens reports in Chromium with the network off, as their readers do: that of a
# release of the sample project (KANKEI_RELEASE), and those that the Go tests
# make of a hostile and of a national release. Screenshots and a PDF go to
# out/report.
set -euo pipefail
cd "$(dirname "$0")/../../../.."

needed=()
command -v chromium >/dev/null || needed+=(chromium)
fc-list 2>/dev/null | grep 'Noto Sans CJK JP' >/dev/null || needed+=(fonts-noto-cjk)
command -v npm >/dev/null || needed+=(nodejs npm)
if [ ${#needed[@]} -gt 0 ]; then
	if [ "$(id -u)" != 0 ]; then
		echo "the browser test wants: apt-get install ${needed[*]}" >&2
		exit 1
	fi
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q >/dev/null
	apt-get install -y -q --no-install-recommends "${needed[@]}" >/dev/null
fi

browser=out/browser
if ! cmp -s pipeline/publish/report/browser/package-lock.json $browser/package-lock.json; then
	rm -rf $browser
	mkdir -p $browser
	cp pipeline/publish/report/browser/package.json pipeline/publish/report/browser/package-lock.json $browser
	(cd $browser && npm ci --no-audit --no-fund --loglevel=error >/dev/null)
fi

rm -rf out/report
mkdir -p out/report
KANKEI_REPORTS=$PWD/out/report go test -count=1 -run '^(TestNationalReport|TestHostileNames)$' ./pipeline/publish/report
cp pipeline/publish/report/browser/*.mjs $browser
node $browser/test.mjs "$KANKEI_RELEASE/report/index.html" out/report
