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
# permissions of Lambda function thumbs
if aws lambda get-policy --function-name thumbs --region eu-west-1 --output json > "$work/1.old.answer.json" 2> "$work/1.old.error"; then
  jq '.Policy | fromjson' "$work/1.old.answer.json" > "$work/1.old.json"
else
  absent ResourceNotFoundException "$work/1.old.error"
  printf '%s\n' '{"Version":"2012-10-17","Statement":[]}' > "$work/1.old.json"
fi

# Change.
if jq -e --arg v1 lambda:InvokeFunctionUrl --arg v2 arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345 'def listed: if . == null then [] elif type == "array" then . else [.] end;
any(.Statement | listed[]; .Effect == "Allow" and (.Action | listed | index([$v1]) != null)
  and (.Principal.Service? == "cloudfront.amazonaws.com") and ([.Condition[]?["AWS:SourceArn"]? | listed[]] | index([$v2]) != null))' "$work/1.old.json" >/dev/null; then
  say 'permissions of Lambda function thumbs: lambda:InvokeFunctionUrl'' there already'
else
  aws lambda add-permission --function-name thumbs --region eu-west-1 --statement-id AllowCloudFrontServicePrincipalE2FIXTURE12345 --action lambda:InvokeFunctionUrl --principal cloudfront.amazonaws.com --source-arn arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345 --output json >/dev/null
  say 'permissions of Lambda function thumbs: lambda:InvokeFunctionUrl'' granted'
fi
if jq -e --arg v1 lambda:InvokeFunction --arg v2 arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345 'def listed: if . == null then [] elif type == "array" then . else [.] end;
any(.Statement | listed[]; .Effect == "Allow" and (.Action | listed | index([$v1]) != null)
  and (.Principal.Service? == "cloudfront.amazonaws.com") and ([.Condition[]?["AWS:SourceArn"]? | listed[]] | index([$v2]) != null))' "$work/1.old.json" >/dev/null; then
  say 'permissions of Lambda function thumbs: lambda:InvokeFunction'' there already'
else
  aws lambda add-permission --function-name thumbs --region eu-west-1 --statement-id AllowCloudFrontServicePrincipalInvokeFunctionE2FIXTURE12345 --action lambda:InvokeFunction --principal cloudfront.amazonaws.com --source-arn arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345 --output json >/dev/null
  say 'permissions of Lambda function thumbs: lambda:InvokeFunction'' granted'
fi

# Read again.
if aws lambda get-policy --function-name thumbs --region eu-west-1 --output json > "$work/1.now.answer.json" 2> "$work/1.now.error"; then
  jq '.Policy | fromjson' "$work/1.now.answer.json" > "$work/1.now.json"
else
  absent ResourceNotFoundException "$work/1.now.error"
  printf '%s\n' '{"Version":"2012-10-17","Statement":[]}' > "$work/1.now.json"
fi
if jq -e --arg v1 lambda:InvokeFunctionUrl --arg v2 arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345 'def listed: if . == null then [] elif type == "array" then . else [.] end;
any(.Statement | listed[]; .Effect == "Allow" and (.Action | listed | index([$v1]) != null)
  and (.Principal.Service? == "cloudfront.amazonaws.com") and ([.Condition[]?["AWS:SourceArn"]? | listed[]] | index([$v2]) != null))' "$work/1.now.json" >/dev/null; then say PASS 'permissions of Lambda function thumbs: lambda:InvokeFunctionUrl'; else say FAIL 'permissions of Lambda function thumbs: lambda:InvokeFunctionUrl'; failed=1; fi
if jq -e --arg v1 lambda:InvokeFunction --arg v2 arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345 'def listed: if . == null then [] elif type == "array" then . else [.] end;
any(.Statement | listed[]; .Effect == "Allow" and (.Action | listed | index([$v1]) != null)
  and (.Principal.Service? == "cloudfront.amazonaws.com") and ([.Condition[]?["AWS:SourceArn"]? | listed[]] | index([$v2]) != null))' "$work/1.now.json" >/dev/null; then say PASS 'permissions of Lambda function thumbs: lambda:InvokeFunction'; else say FAIL 'permissions of Lambda function thumbs: lambda:InvokeFunction'; failed=1; fi

say 'To go back:'
say '  aws lambda remove-permission --function-name thumbs --region eu-west-1 --statement-id AllowCloudFrontServicePrincipalE2FIXTURE12345'
say '  aws lambda remove-permission --function-name thumbs --region eu-west-1 --statement-id AllowCloudFrontServicePrincipalInvokeFunctionE2FIXTURE12345'

exit "$failed"
