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

case $(aws --version 2>&1) in aws-cli/1.*) version1=true ;; *) version1=false ;; esac

# Read what is there and prepare the change. Nothing is written before all of it is known to fit.
knows wafv2 update-web-acl ActionToUse.Count AssociationConfig AssociationConfig.RequestBody Block.CustomResponse CaptchaConfig CaptchaConfig.ImmunityTimeProperty ChallengeConfig ChallengeConfig.ImmunityTimeProperty CustomResponse.CustomResponseBodyKey CustomResponse.ResponseCode CustomResponseBodies DataProtectionConfig DataProtectionConfig.DataProtections DataProtections.Action DataProtections.Field Field.FieldKeys Field.FieldType ImmunityTimeProperty.ImmunityTime ManagedRuleGroupStatement.RuleActionOverrides OnSourceDDoSProtectionConfig OnSourceDDoSProtectionConfig.ALBLowReputationMode RuleActionOverrides.ActionToUse RuleActionOverrides.Name TokenDomains
# web ACL site
aws wafv2 get-web-acl --name site --scope CLOUDFRONT --id 11111111-2222-3333-4444-555555555555 --region us-east-1 --output json > "$work/1.old.answer.json"
jq '.WebACL | ([to_entries[] | select(.value | . != null and . != false and . != "" and . != []) | .key] - ["DefaultAction","Description","Rules","VisibilityConfig","DataProtectionConfig","CustomResponseBodies","CaptchaConfig","ChallengeConfig","TokenDomains","AssociationConfig","OnSourceDDoSProtectionConfig","ApplicationConfig","Name","Id","ARN","Capacity","LabelNamespace","ManagedByFirewallManager","RetrofittedByFirewallManager","PreProcessFirewallManagerRuleGroups","PostProcessFirewallManagerRuleGroups","LockToken"]) as $new | if $new == [] then . else error("use a newer cfdoctor, or the console: an update might take away what this one does not know, which is " + ($new | join(", "))) end' "$work/1.old.answer.json" > "$work/1.old.json"
jq --argjson version1 "$version1" --slurpfile answer "$work/1.old.answer.json" 'def raw: . as $old | @base64d | if @base64 == $old then . else
  error("a SearchString is not text, which version 1 of the AWS CLI cannot write: use version 2") end;
if $version1 then walk(if type == "object" and (.SearchString | type) == "string" then .SearchString |= raw else . end) else . end
| with_entries(select(.key as $k | ["DefaultAction","Description","Rules","VisibilityConfig","DataProtectionConfig","CustomResponseBodies","CaptchaConfig","ChallengeConfig","TokenDomains","AssociationConfig","OnSourceDDoSProtectionConfig","ApplicationConfig"] | index([$k]) != null) | select(.value | . != null and . != "" and . != [] and . != {})) + {LockToken: $answer[0].LockToken}' "$work/1.old.json" > "$work/1.back.json"
edit_1() {
jq --arg v1 common --arg v2 'there is no Rules[Name=common]' --argjson v3 '{"Name":"SizeRestrictions_BODY","ActionToUse":{"Count":{}}}' --argjson v4 '{"Name":"letIn","Action":{"Allow":{}},"Statement":{"ByteMatchStatement":{"FieldToMatch":{"UriPath":{}},"PositionalConstraint":"STARTS_WITH","SearchString":"L2l0J3MgaW4=","TextTransformations":[{"Priority":0,"Type":"NONE"}]}},"VisibilityConfig":{"CloudWatchMetricsEnabled":true,"MetricName":"letIn","SampledRequestsEnabled":true}}' --arg v5 admin --arg v6 'there is no Rules[Name=admin]' 'if any(.Rules[]? | select(.Name == $v1); true) then . else error($v2) end
| (.Rules[]? | select(.Name == $v1) | .Statement.ManagedRuleGroupStatement.RuleActionOverrides) |= ((. // []) | if any(.[]; .Name == $v3.Name) then map(if .Name == $v3.Name then $v3 else . end) else . + [$v3] end)
| (.Rules) |= ((. // []) | (if any(.[]; .Name == $v4.Name) then map(if .Name == $v4.Name then $v4 + {Priority: (.Priority // 0)} else . end)
  elif any(.[]; .Name == $v5) then ((map(select(.Name == $v5))[0].Priority // 0) as $at
    | map(if (.Priority // 0) >= $at then .Priority = (.Priority // 0) + 1 else . end) + [$v4 + {Priority: $at}])
  else error($v6) end))' "$1"
}
edit_1 "$work/1.old.json" > "$work/1.new.json"

# Change.
if same "$work/1.old.json" "$work/1.new.json"; then
  say 'web ACL site: already as wanted'
else
  jq --argjson version1 "$version1" --slurpfile answer "$work/1.old.answer.json" 'def raw: . as $old | @base64d | if @base64 == $old then . else
    error("a SearchString is not text, which version 1 of the AWS CLI cannot write: use version 2") end;
  if $version1 then walk(if type == "object" and (.SearchString | type) == "string" then .SearchString |= raw else . end) else . end
  | with_entries(select(.key as $k | ["DefaultAction","Description","Rules","VisibilityConfig","DataProtectionConfig","CustomResponseBodies","CaptchaConfig","ChallengeConfig","TokenDomains","AssociationConfig","OnSourceDDoSProtectionConfig","ApplicationConfig"] | index([$k]) != null) | select(.value | . != null and . != "" and . != [] and . != {})) + {LockToken: $answer[0].LockToken}' "$work/1.new.json" > "$work/1.put.json"
  set --
  "$version1" || set -- --cli-binary-format base64
  aws wafv2 update-web-acl --name site --scope CLOUDFRONT --id 11111111-2222-3333-4444-555555555555 --region us-east-1 --cli-input-json "file://$work/1.put.json" "$@" --output json > "$work/1.written.json"
  say 'web ACL site: changed'
fi

# Read again.
aws wafv2 get-web-acl --name site --scope CLOUDFRONT --id 11111111-2222-3333-4444-555555555555 --region us-east-1 --output json > "$work/1.now.answer.json"
jq '.WebACL | ([to_entries[] | select(.value | . != null and . != false and . != "" and . != []) | .key] - ["DefaultAction","Description","Rules","VisibilityConfig","DataProtectionConfig","CustomResponseBodies","CaptchaConfig","ChallengeConfig","TokenDomains","AssociationConfig","OnSourceDDoSProtectionConfig","ApplicationConfig","Name","Id","ARN","Capacity","LabelNamespace","ManagedByFirewallManager","RetrofittedByFirewallManager","PreProcessFirewallManagerRuleGroups","PostProcessFirewallManagerRuleGroups","LockToken"]) as $new | if $new == [] then . else error("use a newer cfdoctor, or the console: an update might take away what this one does not know, which is " + ($new | join(", "))) end' "$work/1.now.answer.json" > "$work/1.now.json"
edit_1 "$work/1.now.json" > "$work/1.want.json"
check 'web ACL site' "$work/1.now.json" "$work/1.want.json"

say 'To go back:'
say '  token=$(aws wafv2 get-web-acl --name site --scope CLOUDFRONT --id 11111111-2222-3333-4444-555555555555 --region us-east-1 --query LockToken --output text)'
say '  aws wafv2 update-web-acl --name site --scope CLOUDFRONT --id 11111111-2222-3333-4444-555555555555 --region us-east-1 --lock-token "$token" --cli-input-json '"'file://$work/1.back.json'"

exit "$failed"
