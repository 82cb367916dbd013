#!/bin/sh
# Formatting, vet, staticcheck, dead code, and the two guards of the binary's size. The linters are pinned in tools/go.mod.
set -eu
cd "$(dirname "$0")/.."

unformatted=$(gofmt -l cmd internal)
if [ -n "$unformatted" ]; then
	echo "not formatted:"
	echo "$unformatted"
	exit 1
fi
go vet ./...
# Without SA1019: members that AWS deprecated, such as ForwardedValues, are what older distributions have, and the model must know them.
go tool -modfile=tools/go.mod staticcheck -checks inherit,-SA1019 ./...
dead=$(go tool -modfile=tools/go.mod deadcode -test ./...)
if [ -n "$dead" ]; then
	echo "dead code:"
	echo "$dead"
	exit 1
fi

echo "only tests reach $(go tool -modfile=tools/go.mod deadcode ./... | wc -l) functions (go tool -modfile=tools/go.mod deadcode ./...)"

# A reachable call of reflect.Value.MethodByName makes the linker keep every method of every AWS client: 31 MB become 96 MB.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -ldflags=-dumpdep -o "$work/cfdoctor" ./cmd/cfdoctor 2>"$work/deps"
if grep -aE -- '-> reflect\.Value\.MethodByName|<ReflectMethod>' "$work/deps" | head -5 | grep .; then
	echo "something reaches reflect.Value.MethodByName; see docs/dependencies.md"
	exit 1
fi
go build -trimpath -ldflags '-s -w' -o "$work/cfdoctor" ./cmd/cfdoctor
size=$(wc -c <"$work/cfdoctor")
echo "binary: $((size / 1000000)) MB"
if [ "$size" -gt 50000000 ]; then
	echo "the stripped binary is over 50 MB"
	exit 1
fi
