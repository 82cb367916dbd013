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
# web ACL cfdoctor-E2FIXTURE12345
aws wafv2 list-web-acls --region us-east-1 --limit 100 --scope CLOUDFRONT --output json > "$work/web-acls.json"
web_acl_arn=$(jq -r --arg v1 cfdoctor-E2FIXTURE12345 '[.WebACLs[]? | select(.Name == $v1)][0] | if . == null then "" else .ARN end' "$work/web-acls.json")
knows cloudfront update-distribution CacheBehaviors.CachePolicyId DefaultCacheBehavior.CachePolicyId DefaultCacheBehavior.OriginRequestPolicyId DistributionConfig.SettingOfNextYear SettingOfNextYear.Kept
# distribution E2FIXTURE12345
aws cloudfront get-distribution-config --id E2FIXTURE12345 --output json > "$work/1.old.answer.json"
jq .DistributionConfig "$work/1.old.answer.json" > "$work/1.old.json"
edit_1() {
jq --arg v1 "$web_acl_arn" '(.WebACLId) = $v1' "$1"
}
edit_1 "$work/1.old.json" > "$work/1.new.json"

# Change.
if [ -z "$web_acl_arn" ]; then
  aws wafv2 create-web-acl --region us-east-1 --name cfdoctor-E2FIXTURE12345 --default-action '{"Allow":{}}' --rules '[{"Name":"AWSManagedRulesCommonRuleSet","OverrideAction":{"Count":{}},"Priority":0,"Statement":{"ManagedRuleGroupStatement":{"Name":"AWSManagedRulesCommonRuleSet","VendorName":"AWS"}},"VisibilityConfig":{"CloudWatchMetricsEnabled":true,"MetricName":"AWSManagedRulesCommonRuleSet","SampledRequestsEnabled":true}},{"Name":"AWSManagedRulesKnownBadInputsRuleSet","OverrideAction":{"Count":{}},"Priority":1,"Statement":{"ManagedRuleGroupStatement":{"Name":"AWSManagedRulesKnownBadInputsRuleSet","VendorName":"AWS"}},"VisibilityConfig":{"CloudWatchMetricsEnabled":true,"MetricName":"AWSManagedRulesKnownBadInputsRuleSet","SampledRequestsEnabled":true}},{"Name":"rate-limit","Action":{"Count":{}},"Priority":2,"Statement":{"RateBasedStatement":{"AggregateKeyType":"IP","EvaluationWindowSec":300,"Limit":2000}},"VisibilityConfig":{"CloudWatchMetricsEnabled":true,"MetricName":"rate-limit","SampledRequestsEnabled":true}}]' --visibility-config '{"CloudWatchMetricsEnabled":true,"MetricName":"cfdoctor-E2FIXTURE12345","SampledRequestsEnabled":true}' --scope CLOUDFRONT --output json > "$work/web-acl.json"
  web_acl_arn=$(jq -r .Summary.ARN "$work/web-acl.json")
  say 'web ACL cfdoctor-E2FIXTURE12345: created as '"$web_acl_arn"
else
  say 'web ACL cfdoctor-E2FIXTURE12345: there already as '"$web_acl_arn"
fi
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
say '  token=$(aws wafv2 get-web-acl --region us-east-1 --name cfdoctor-E2FIXTURE12345 --id '"${web_acl_arn##*/}"' --scope CLOUDFRONT --query LockToken --output text)'
say '  aws wafv2 delete-web-acl --region us-east-1 --name cfdoctor-E2FIXTURE12345 --id '"${web_acl_arn##*/}"' --scope CLOUDFRONT --lock-token "$token"'

exit "$failed"
