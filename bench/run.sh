#!/bin/sh
# The speed figures: diagnoses and simulations in memory, then one diagnosis over the wire, and one through each door.
set -eu
cd "$(dirname "$0")/.."
go test -run '^$' -bench 'Diagnose' -benchtime 1s ./bench
go test -run '^$' -bench 'Predict' -benchtime 1s ./internal/edge
go test -run '^$' -bench 'Probes' -benchtime 3x ./bench
go test -run '^$' -bench 'Rewrite1|Store2' -benchtime 1s ./internal/function
sh e2e/setup.sh venv venv-mcp
e2e/.venv/bin/python bench/wire.py --sequential
e2e/.venv/bin/python bench/doors.py
