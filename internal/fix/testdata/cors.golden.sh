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

# absent CODE FILE: whether a call was refused with an error code. Any other refusal ends the script.
absent() {
  if grep -q "($1)" "$2"; then return 0; fi
  cat "$2" >&2
  fail 'The read failed.'
}

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
# CORS rules of bucket site
if aws s3api get-bucket-cors --bucket site --output json > "$work/1.old.answer.json" 2> "$work/1.old.error"; then
  jq '{CORSRules}' "$work/1.old.answer.json" > "$work/1.old.json"
else
  absent NoSuchCORSConfiguration "$work/1.old.error"
  : > "$work/1.old.none"
  printf '%s\n' '{}' > "$work/1.old.json"
fi
edit_1() {
jq --argjson v1 '{"AllowedHeaders":["*"],"AllowedMethods":["GET"],"AllowedOrigins":["https://app.example.com"],"MaxAgeSeconds":3000}' '(.CORSRules) |= ((. // []) | if any(.[]; . == $v1) then . else . + [$v1] end)' "$1"
}
edit_1 "$work/1.old.json" > "$work/1.new.json"

# Change.
if same "$work/1.old.json" "$work/1.new.json"; then
  say 'CORS rules of bucket site: already as wanted'
else
  aws s3api put-bucket-cors --bucket site --cors-configuration "file://$work/1.new.json"
  say 'CORS rules of bucket site: changed'
fi

# Read again.
if aws s3api get-bucket-cors --bucket site --output json > "$work/1.now.answer.json" 2> "$work/1.now.error"; then
  jq '{CORSRules}' "$work/1.now.answer.json" > "$work/1.now.json"
else
  absent NoSuchCORSConfiguration "$work/1.now.error"
  : > "$work/1.now.none"
  printf '%s\n' '{}' > "$work/1.now.json"
fi
edit_1 "$work/1.now.json" > "$work/1.want.json"
check 'CORS rules of bucket site' "$work/1.now.json" "$work/1.want.json"

say 'To go back:'
if [ -e "$work/1.old.none" ]; then
  say '  aws s3api delete-bucket-cors --bucket site'
else
  say '  aws s3api put-bucket-cors --bucket site --cors-configuration '"'file://$work/1.old.json'"
fi

exit "$failed"
