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
# object Img/it's.png of bucket site
aws s3api head-object --bucket site --key 'img/it'"'"'s.png' --output json > "$work/1.from.json"
copied1=false
if aws s3api head-object --bucket site --key 'Img/it'"'"'s.png' --output json > "$work/1.old.json" 2> "$work/1.old.error"; then
  therecopied1=true
else
  absent 404 "$work/1.old.error"
  therecopied1=false
fi

# Change.
if "$therecopied1"; then
  say 'object Img/it'"'"'s.png of bucket site: there already, left as it is'
else
  aws s3api copy-object --bucket site --key 'Img/it'"'"'s.png' --copy-source 'site/img/it'"'"'s.png' --output json >/dev/null
  copied1=true
  say 'object Img/it'"'"'s.png of bucket site: copied'
fi

# Read again.
if aws s3api head-object --bucket site --key 'Img/it'"'"'s.png' --output json > "$work/1.now.json"; then say PASS 'object Img/it'"'"'s.png of bucket site'; else say FAIL 'object Img/it'"'"'s.png of bucket site'; failed=1; fi

say 'To go back:'
if "$copied1"; then say '  aws s3api delete-object --bucket site --key '"'"'Img/it'"'"'"'"'"'"'"'"'s.png'"'"''; fi

exit "$failed"
