#!/bin/sh
# Runs every fuzz target, one after the other on one core, for a million inputs each (FUZZ_EXECUTIONS for another number). The target that runs
# whole functions in the JavaScript engine gets fewer: instrumented, the engine is a hundred times slower.
set -eu
cd "$(dirname "$0")/.."
inputs=${FUZZ_EXECUTIONS:-1000000}
grep -rho --include='*_test.go' -H '^func Fuzz[A-Za-z0-9]*' internal | sort | while IFS=: read -r file name; do
	name=${name#func }
	count=$inputs
	case $file:$name in
	internal/function/*:FuzzRun) count=$((inputs / 500)) ;;
	esac
	echo "== $(dirname "$file") $name, $count inputs"
	go test "./$(dirname "$file")" -run '^$' -fuzz "^$name\$" -fuzztime "${count}x" -parallel 1 -timeout 3h
done
