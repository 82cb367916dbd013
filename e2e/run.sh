#!/bin/sh
# The end-to-end tests: installs the pinned programs below e2e/ (setup.sh), then runs the tests that need them.
# Go's test cache does not see the Python files, hence -count=1.
set -eu
cd "$(dirname "$0")/.."
if ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
	echo "e2e needs Python 3 with venv (Debian: apt-get install python3-venv)" >&2
	exit 1
fi
if ! command -v jq >/dev/null; then
	echo "e2e needs jq, which the emitted commands use (Debian: apt-get install jq)" >&2
	exit 1
fi
if ! command -v npm >/dev/null; then
	echo "e2e needs npm, which installs its own Node.js (Debian: apt-get install npm)" >&2
	exit 1
fi
sh e2e/setup.sh
CFDOCTOR_E2E=1 go test -count=1 ./e2e/ -v -timeout 30m
