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

# exists CODE FILE: goes on where a call was refused because what it makes is there already.
exists() {
  if grep -q "($1)" "$2"; then return 0; fi
  cat "$2" >&2
  exit 1
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
# standard logging (v2) of distribution E2FIXTURE12345
aws logs describe-delivery-sources --region us-east-1 --output json > "$work/1.sources.json"
jq -e --arg v1 arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345 --arg v2 cloudfront-E2FIXTURE12345 '[.deliverySources[]? | select(.logType == "ACCESS_LOGS" and (.resourceArns // [] | index([$v1]) != null) and .name != $v2)] == []' "$work/1.sources.json" >/dev/null || fail 'The distribution is a source of logs already, under another name. Nothing has been changed.'
aws logs describe-deliveries --region us-east-1 --output json > "$work/1.old.json"

# Change.
if jq -e --arg v1 cloudfront-E2FIXTURE12345 --arg v2 arn:aws:logs:us-east-1:123456789012:delivery-destination:cloudfront-E2FIXTURE12345 'any(.deliveries[]?; .deliverySourceName == $v1 and .deliveryDestinationArn == $v2)' "$work/1.old.json" >/dev/null; then
  say 'standard logging (v2) of distribution E2FIXTURE12345: on already'
else
  aws logs create-log-group --region us-east-1 --log-group-name /aws/vendedlogs/cloudfront/E2FIXTURE12345 2> "$work/1.group.error" || exists ResourceAlreadyExistsException "$work/1.group.error"
  aws logs put-delivery-source --region us-east-1 --name cloudfront-E2FIXTURE12345 --resource-arn arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345 --log-type ACCESS_LOGS --output json >/dev/null
  aws logs put-delivery-destination --region us-east-1 --name cloudfront-E2FIXTURE12345 --output-format json --delivery-destination-configuration '{"destinationResourceArn":"arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/cloudfront/E2FIXTURE12345"}' --output json >/dev/null
  aws logs create-delivery --region us-east-1 --delivery-source-name cloudfront-E2FIXTURE12345 --delivery-destination-arn arn:aws:logs:us-east-1:123456789012:delivery-destination:cloudfront-E2FIXTURE12345 --output json > "$work/1.delivery.json"
  say 'standard logging (v2) of distribution E2FIXTURE12345: on'
fi

# Read again.
aws logs describe-deliveries --region us-east-1 --output json > "$work/1.now.json"
if jq -e --arg v1 cloudfront-E2FIXTURE12345 --arg v2 arn:aws:logs:us-east-1:123456789012:delivery-destination:cloudfront-E2FIXTURE12345 'any(.deliveries[]?; .deliverySourceName == $v1 and .deliveryDestinationArn == $v2)' "$work/1.now.json" >/dev/null; then say PASS 'standard logging (v2) of distribution E2FIXTURE12345'; else say FAIL 'standard logging (v2) of distribution E2FIXTURE12345'; failed=1; fi

say 'To go back:'
if [ -e "$work/1.delivery.json" ]; then
  say '  aws logs delete-delivery --region us-east-1 --id' "$(jq -r .delivery.id "$work/1.delivery.json")"
  say '  aws logs delete-delivery-source --region us-east-1 --name cloudfront-E2FIXTURE12345'
  say '  aws logs delete-delivery-destination --region us-east-1 --name cloudfront-E2FIXTURE12345'
fi

exit "$failed"
