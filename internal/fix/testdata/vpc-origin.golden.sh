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

# Read what is there and prepare the change. Nothing is written before all of it is known to fit.
# VPC origin cfdoctor-E2FIXTURE12345
aws cloudfront list-vpc-origins --output json > "$work/vpc-origins.json"
vpc_origin_id=$(jq -r --arg v1 cfdoctor-E2FIXTURE12345 --arg v2 arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0123456789abcdef --arg v3 'a VPC origin of this name exists already, for something else' '[.VpcOriginList.Items[]? | select(.Name == $v1)][0]
| if . == null then "" elif .OriginEndpointArn == $v2 then .Id else error($v3) end' "$work/vpc-origins.json")
knows cloudfront update-distribution CacheBehaviors.CachePolicyId DefaultCacheBehavior.CachePolicyId DefaultCacheBehavior.OriginRequestPolicyId DistributionConfig.SettingOfNextYear Origins.VpcOriginConfig SettingOfNextYear.Kept VpcOriginConfig.OriginKeepaliveTimeout VpcOriginConfig.OriginReadTimeout VpcOriginConfig.VpcOriginId
# distribution E2FIXTURE12345
aws cloudfront get-distribution-config --id E2FIXTURE12345 --output json > "$work/1.old.answer.json"
jq .DistributionConfig "$work/1.old.answer.json" > "$work/1.old.json"
edit_1() {
jq --arg v1 'it'"'"'s "api" $(x) é' --arg v2 'there is no Origins.Items[Id=it'"'"'s "api" $(x) é]' --argjson v3 30 --argjson v4 5 --arg v5 "$vpc_origin_id" 'if any(.Origins.Items[]? | select(.Id == $v1); true) then . else error($v2) end
| del(.Origins.Items[]? | select(.Id == $v1) | .CustomOriginConfig)
| if any(.Origins.Items[]? | select(.Id == $v1); true) then . else error($v2) end
| (.Origins.Items[]? | select(.Id == $v1) | .VpcOriginConfig.OriginReadTimeout) = $v3
| if any(.Origins.Items[]? | select(.Id == $v1); true) then . else error($v2) end
| (.Origins.Items[]? | select(.Id == $v1) | .VpcOriginConfig.OriginKeepaliveTimeout) = $v4
| if any(.Origins.Items[]? | select(.Id == $v1); true) then . else error($v2) end
| (.Origins.Items[]? | select(.Id == $v1) | .VpcOriginConfig.VpcOriginId) = $v5' "$1"
}
edit_1 "$work/1.old.json" > "$work/1.new.json"

# Change.
if [ -z "$vpc_origin_id" ]; then
  aws cloudfront create-vpc-origin --vpc-origin-endpoint-config '{"Name":"cfdoctor-E2FIXTURE12345","Arn":"arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/web/0123456789abcdef","HTTPPort":80,"HTTPSPort":443,"OriginProtocolPolicy":"https-only","OriginSslProtocols":{"Quantity":1,"Items":["TLSv1.2"]}}' --output json > "$work/vpc-origin.json"
  vpc_origin_id=$(jq -r .VpcOrigin.Id "$work/vpc-origin.json")
  say 'VPC origin cfdoctor-E2FIXTURE12345: created with the id '"$vpc_origin_id"'; waiting until it is deployed, which can take 15 minutes'
else
  say 'VPC origin cfdoctor-E2FIXTURE12345: there already, with the id '"$vpc_origin_id"
fi
tries=0
while status=$(aws cloudfront get-vpc-origin --id "$vpc_origin_id" --query VpcOrigin.Status --output text); [ "$status" != Deployed ]; do
  tries=$((tries + 1))
  if [ "$status" = Failed ] || [ "$tries" -gt 90 ]; then fail "The VPC origin is not deployed: $status. The distribution has not been changed."; fi
  sleep 20
done
edit_1 "$work/1.old.json" > "$work/1.new.json"
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

# Read again.
aws cloudfront get-distribution-config --id E2FIXTURE12345 --output json > "$work/1.now.answer.json"
jq .DistributionConfig "$work/1.now.answer.json" > "$work/1.now.json"
edit_1 "$work/1.now.json" > "$work/1.want.json"
check 'distribution E2FIXTURE12345' "$work/1.now.json" "$work/1.want.json"

say 'To go back:'
say '  etag=$(aws cloudfront get-distribution-config --id E2FIXTURE12345 --query ETag --output text)'
say '  aws cloudfront update-distribution --id E2FIXTURE12345 --if-match "$etag" --distribution-config '"'file://$work/1.old.json'"
say '  When the distribution is deployed without it, delete the VPC origin cfdoctor-E2FIXTURE12345:'
say '  etag=$(aws cloudfront get-vpc-origin --id '"$vpc_origin_id"' --query ETag --output text)'
say '  aws cloudfront delete-vpc-origin --id '"$vpc_origin_id"' --if-match "$etag"'

exit "$failed"
