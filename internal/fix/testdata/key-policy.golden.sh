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
# policy of KMS key arn:aws:kms:eu-west-1:123456789012:key/1
aws kms get-key-policy --region eu-west-1 --key-id arn:aws:kms:eu-west-1:123456789012:key/1 --policy-name default --output json > "$work/1.old.answer.json"
jq '.Policy | fromjson' "$work/1.old.answer.json" > "$work/1.old.json"
edit_1() {
jq --argjson v1 '{"Sid":"AllowCloudFrontServicePrincipalSSEKMSE2FIXTURE12345","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"kms:Decrypt","Resource":"*","Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345"}}}' --arg v2 'another statement has the Sid AllowCloudFrontServicePrincipalSSEKMSE2FIXTURE12345 already' 'def listed: if . == null then [] elif type == "array" then . else [.] end;
def grown($more): . as $old | listed as $o
  | ($more | listed | reduce .[] as $x ($o; if any(.[]; . == $x) then . else . + [$x] end)) as $n
  | if $n == $o then $old else $n end;
def statements: .Statement | if . == null then [] elif type == "array" then . else [.] end;
.Statement = (statements | if any(.[]; .Sid == $v1.Sid) then map(
    if .Sid != $v1.Sid then .
    elif .Effect != $v1.Effect or .Principal != $v1.Principal or (.Condition
      | type == "object" and keys == ["StringEquals"] and (.StringEquals | type == "object" and keys == ["AWS:SourceArn"]) | not)
    then error($v2)
    else .Action |= grown($v1.Action) | .Resource |= grown($v1.Resource)
      | .Condition.StringEquals["AWS:SourceArn"] |= grown($v1.Condition.StringEquals["AWS:SourceArn"]) end)
  else . + [$v1] end)' "$1"
}
edit_1 "$work/1.old.json" > "$work/1.new.json"
size=$(jq -j -c . "$work/1.new.json" | wc -c)
[ "$size" -le 32768 ] || fail 'policy of KMS key arn:aws:kms:eu-west-1:123456789012:key/1 would be longer than the 32768 bytes that KMS allows. Nothing has been changed.'

# Change.
if same "$work/1.old.json" "$work/1.new.json"; then
  say 'policy of KMS key arn:aws:kms:eu-west-1:123456789012:key/1: already as wanted'
else
  jq -c . "$work/1.new.json" > "$work/1.put.json"
  aws kms put-key-policy --region eu-west-1 --key-id arn:aws:kms:eu-west-1:123456789012:key/1 --policy-name default --policy "file://$work/1.put.json"
  say 'policy of KMS key arn:aws:kms:eu-west-1:123456789012:key/1: changed'
fi

# Read again.
aws kms get-key-policy --region eu-west-1 --key-id arn:aws:kms:eu-west-1:123456789012:key/1 --policy-name default --output json > "$work/1.now.answer.json"
jq '.Policy | fromjson' "$work/1.now.answer.json" > "$work/1.now.json"
edit_1 "$work/1.now.json" > "$work/1.want.json"
check 'policy of KMS key arn:aws:kms:eu-west-1:123456789012:key/1' "$work/1.now.json" "$work/1.want.json"

say 'To go back:'
say '  aws kms put-key-policy --region eu-west-1 --key-id arn:aws:kms:eu-west-1:123456789012:key/1 --policy-name default --policy '"'file://$work/1.old.json'"

exit "$failed"
