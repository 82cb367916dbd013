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
# distribution tenant dt_1
aws cloudfront get-distribution-tenant-by-domain --domain north.example.com --output json > "$work/1.old.answer.json"
jq '.DistributionTenant | ([to_entries[] | select(.value | . != null and . != false and . != "" and . != []) | .key] - ["DistributionId","Domains","Customizations","Parameters","ConnectionGroupId","Enabled","Id","Arn","Name","Status","Tags","CreatedTime","LastModifiedTime","ETag"]) as $new | if $new == [] then . else error("use a newer cfdoctor, or the console: an update might take away what this one does not know, which is " + ($new | join(", "))) end | with_entries(select(.key as $k | ["DistributionId","Domains","Customizations","Parameters","ConnectionGroupId","Enabled"] | index([$k]) != null) | select(.value | . != null and . != "" and . != [] and . != {}))' "$work/1.old.answer.json" > "$work/1.old.json"
jq 'if .Domains then .Domains |= map({Domain}) else . end' "$work/1.old.json" > "$work/1.back.json"
edit_1() {
jq --argjson v1 true '(.Enabled) = $v1' "$1"
}
edit_1 "$work/1.old.json" > "$work/1.new.json"

# Change.
if same "$work/1.old.json" "$work/1.new.json"; then
  say 'distribution tenant dt_1: already as wanted'
else
  etag=$(jq -r .ETag "$work/1.old.answer.json")
  jq 'if .Domains then .Domains |= map({Domain}) else . end' "$work/1.new.json" > "$work/1.put.json"
  aws cloudfront update-distribution-tenant --id dt_1 --if-match "$etag" --cli-input-json "file://$work/1.put.json" --output json > "$work/1.written.json"
  say 'distribution tenant dt_1: changed'
fi

# Read again.
aws cloudfront get-distribution-tenant-by-domain --domain north.example.com --output json > "$work/1.now.answer.json"
jq '.DistributionTenant | ([to_entries[] | select(.value | . != null and . != false and . != "" and . != []) | .key] - ["DistributionId","Domains","Customizations","Parameters","ConnectionGroupId","Enabled","Id","Arn","Name","Status","Tags","CreatedTime","LastModifiedTime","ETag"]) as $new | if $new == [] then . else error("use a newer cfdoctor, or the console: an update might take away what this one does not know, which is " + ($new | join(", "))) end | with_entries(select(.key as $k | ["DistributionId","Domains","Customizations","Parameters","ConnectionGroupId","Enabled"] | index([$k]) != null) | select(.value | . != null and . != "" and . != [] and . != {}))' "$work/1.now.answer.json" > "$work/1.now.json"
edit_1 "$work/1.now.json" > "$work/1.want.json"
check 'distribution tenant dt_1' "$work/1.now.json" "$work/1.want.json"

say 'To go back:'
say '  etag=$(aws cloudfront get-distribution-tenant-by-domain --domain north.example.com --query ETag --output text)'
say '  aws cloudfront update-distribution-tenant --id dt_1 --if-match "$etag" --cli-input-json '"'file://$work/1.back.json'"

exit "$failed"
