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

# Read what is there and prepare the change. Nothing is written before all of it is known to fit.
# runtime of function redirect
aws cloudfront describe-function --name redirect --stage LIVE --output json > "$work/1.live.json"
aws cloudfront describe-function --name redirect --stage DEVELOPMENT --output json > "$work/1.development.json"
aws cloudfront get-function --name redirect --stage LIVE "$work/1.live-code.js" --output json > "$work/1.got.json"
aws cloudfront get-function --name redirect --stage DEVELOPMENT "$work/1.development-code.js" --output json > "$work/1.got.json"
cmp -s "$work/1.live-code.js" "$work/1.development-code.js" || fail 'The function redirect has changes in development that are not published. Publish or drop them first. Nothing has been changed.'
jq .FunctionSummary.FunctionConfig "$work/1.live.json" > "$work/1.old.json"
jq --arg runtime cloudfront-js-2.0 '.Runtime = $runtime' "$work/1.old.json" > "$work/1.new.json"
jq .FunctionSummary.FunctionConfig "$work/1.development.json" | jq --arg runtime cloudfront-js-2.0 '.Runtime = $runtime' > "$work/1.development-new.json"
same "$work/1.new.json" "$work/1.development-new.json" || fail 'The function redirect has changes in development that are not published. Publish or drop them first. Nothing has been changed.'

# Change.
if same "$work/1.old.json" "$work/1.new.json"; then
  say 'runtime of function redirect: already as wanted'
else
  aws cloudfront update-function --name redirect --if-match "$(jq -r .ETag "$work/1.development.json")" --function-config "file://$work/1.new.json" --function-code "fileb://$work/1.live-code.js" --output json > "$work/1.written.json"
  aws cloudfront publish-function --name redirect --if-match "$(jq -r .ETag "$work/1.written.json")" --output json > "$work/1.published.json"
  say 'runtime of function redirect: changed and published'
fi

# Read again.
aws cloudfront describe-function --name redirect --stage LIVE --output json > "$work/1.now-live.json"
jq .FunctionSummary.FunctionConfig "$work/1.now-live.json" > "$work/1.now.json"
check 'runtime of function redirect' "$work/1.now.json" "$work/1.new.json"
aws cloudfront get-function --name redirect --stage LIVE "$work/1.now-code.js" --output json > "$work/1.got.json"
if cmp -s "$work/1.live-code.js" "$work/1.now-code.js"; then say PASS 'code of function redirect'; else say FAIL 'code of function redirect'; failed=1; fi

say 'To go back:'
say '  etag=$(aws cloudfront describe-function --name redirect --query ETag --output text)'
say '  etag=$(aws cloudfront update-function --name redirect --if-match "$etag" --query ETag --output text --function-config '"'file://$work/1.old.json'"" --function-code 'fileb://$work/1.live-code.js')"
say '  aws cloudfront publish-function --name redirect --if-match "$etag"'

exit "$failed"
