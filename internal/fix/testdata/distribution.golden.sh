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

# knows SERVICE COMMAND MEMBER...: an aws program leaves out what is newer than itself when it reads, and would so take it away when it
# writes the whole back.
knows() {
  aws "$1" "$2" --generate-cli-skeleton > "$work/skeleton.json"
  shift 2
  unknown=$(jq -r '[paths | map(select(type == "string" and . != "Items")) | .[-2:] | join(".")] as $known | $ARGS.positional - $known | join(", ")' \
    "$work/skeleton.json" --args "$@")
  [ -z "$unknown" ] || fail "The aws program here is too old: it does not know $unknown, and would take that away. Nothing has been changed. Install a newer version ($(aws --version 2>&1) is there)."
}

# room OLD NEW LIST NUMBER MESSAGE: stops where a list grows beyond a number. Where it was longer already, the quota has been raised.
room() {
  was=$(jq "[($3 // [])[]] | length" "$1")
  becomes=$(jq "[($3 // [])[]] | length" "$2")
  if [ "$becomes" -gt "$was" ] && [ "$becomes" -gt "$4" ] && [ "$was" -le "$4" ]; then fail "$5"; fi
}

# Read what is there and prepare the change. Nothing is written before all of it is known to fit.
knows cloudfront update-distribution CacheBehaviors.CachePolicyId DefaultCacheBehavior.CachePolicyId DefaultCacheBehavior.OriginRequestPolicyId DistributionConfig.SettingOfNextYear SettingOfNextYear.Kept
# distribution E2FIXTURE12345
aws cloudfront get-distribution-config --id E2FIXTURE12345 --output json > "$work/1.old.answer.json"
jq .DistributionConfig "$work/1.old.answer.json" > "$work/1.old.json"
edit_1() {
jq --arg v1 index.html --arg v2 shop.example.com --arg v3 'it'"'"'s "api" $(x) é' --arg v4 'there is no Origins.Items[Id=it'"'"'s "api" $(x) é]' --arg v5 /prod 'def items($new): (. // {}) + {Quantity: ($new | length), Items: $new} | if $new == [] then del(.Items) else . end;
(.DefaultRootObject) = $v1
| (.Aliases) |= items((.Items // []) | if any(.[]; . == $v2) then . else . + [$v2] end)
| if any(.Origins.Items[]? | select(.Id == $v3); true) then . else error($v4) end
| (.Origins.Items[]? | select(.Id == $v3) | .OriginPath) = $v5' "$1"
}
edit_1 "$work/1.old.json" > "$work/1.new.json"
room "$work/1.old.json" "$work/1.new.json" .Aliases.Items 100 'distribution E2FIXTURE12345 would have more alternate domain names than there may be: CloudFront, unless the quota was raised, allows 100: ask for more in the Service Quotas console, or take out what is not needed. Nothing has been changed.'

# Change.
if same "$work/1.old.json" "$work/1.new.json"; then
  say 'distribution E2FIXTURE12345: already as wanted'
else
  etag=$(jq -r .ETag "$work/1.old.answer.json")
  aws cloudfront update-distribution --id E2FIXTURE12345 --if-match "$etag" --distribution-config "file://$work/1.new.json" --output json > "$work/1.written.json"
  say 'distribution E2FIXTURE12345: changed'
fi

# Wait until it has taken effect.
say 'Waiting for CloudFront to deploy the change; this can take some minutes.'
aws cloudfront wait distribution-deployed --id E2FIXTURE12345
say 'Dropping cached answers.'
aws cloudfront create-invalidation --distribution-id E2FIXTURE12345 --paths '/*' --output json >/dev/null

# Read again.
aws cloudfront get-distribution-config --id E2FIXTURE12345 --output json > "$work/1.now.answer.json"
jq .DistributionConfig "$work/1.now.answer.json" > "$work/1.now.json"
edit_1 "$work/1.now.json" > "$work/1.want.json"
check 'distribution E2FIXTURE12345' "$work/1.now.json" "$work/1.want.json"

say 'To go back:'
say '  etag=$(aws cloudfront get-distribution-config --id E2FIXTURE12345 --query ETag --output text)'
say '  aws cloudfront update-distribution --id E2FIXTURE12345 --if-match "$etag" --distribution-config '"'file://$work/1.old.json'"

exit "$failed"
