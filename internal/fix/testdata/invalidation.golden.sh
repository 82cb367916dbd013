#!/bin/sh
# Let the distribution's $(viewers) in.
# It changes only what it names, and can be run again: what is as wanted already is left alone.
set -eu

for program in aws jq; do
  command -v "$program" >/dev/null || { printf '%s\n' "This script needs the program $program." >&2; exit 1; }
done

AWS_PAGER=''
export AWS_PAGER
say() { printf '%s\n' "$*"; }
fail() { printf '%s\n' "$*" >&2; exit 1; }
same() { jq -e -n --slurpfile a "$1" --slurpfile b "$2" '$a == $b' >/dev/null; }
umask 077
work=$(mktemp -d "${TMPDIR:-/tmp}/cfdoctor.XXXXXX")
say "The state before the change is kept in $work"
trap 'status=$?; [ "$status" -eq 0 ] || say "Stopped with status $status. What was there before is in $work; running this again goes on." >&2' EXIT

# check NAME FILE FILE: says whether what was read again is as wanted. Lists of texts come back in orders of the service's own.
failed=0
alike() {
  jq -e -n --slurpfile a "$1" --slurpfile b "$2" \
    'def sorted: walk(if type == "array" and all(.[]; type == "string") then sort else . end); ($a | sorted) == ($b | sorted)' >/dev/null
}
check() {
  if alike "$2" "$3"; then say "PASS $1"; else say "FAIL $1"; failed=1; fi
}

# Change.
aws cloudfront create-invalidation --distribution-id E2FIXTURE12345 --paths '/it'"'"'s new/*' --output json >/dev/null
say 'cache of distribution E2FIXTURE12345: set'

# Read again.
aws cloudfront list-invalidations --distribution-id E2FIXTURE12345 --max-items 10 --output json > "$work/1.now.json"
if jq -e '.InvalidationList.Items[0].Status | . == "InProgress" or . == "Completed"' "$work/1.now.json" >/dev/null; then say PASS 'cache of distribution E2FIXTURE12345'; else say FAIL 'cache of distribution E2FIXTURE12345'; failed=1; fi

exit "$failed"
