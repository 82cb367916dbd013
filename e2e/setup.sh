#!/bin/sh
# Makes e2e/.venv with the pinned programs of requirements.txt. Does nothing when it is up to date.
set -eu
cd "$(dirname "$0")"
stamp=.venv/requirements.txt
if cmp -s requirements.txt "$stamp"; then
	exit 0
fi
rm -rf .venv
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
cp requirements.txt "$stamp"
