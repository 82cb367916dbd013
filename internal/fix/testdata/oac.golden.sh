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
# bucket policy of site
if aws s3api get-bucket-policy --bucket site --output json > "$work/1.old.answer.json" 2> "$work/1.old.error"; then
  jq '.Policy | fromjson' "$work/1.old.answer.json" > "$work/1.old.json"
else
  absent NoSuchBucketPolicy "$work/1.old.error"
  : > "$work/1.old.none"
  printf '%s\n' '{"Version":"2012-10-17","Statement":[]}' > "$work/1.old.json"
fi
edit_1() {
jq --argjson v1 '{"Sid":"AllowCloudFrontServicePrincipalReadOnlyE2FIXTURE12345","Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::site/*","Condition":{"StringEquals":{"AWS:SourceArn":"arn:aws:cloudfront::123456789012:distribution/E2FIXTURE12345"}}}' --arg v2 'another statement has the Sid AllowCloudFrontServicePrincipalReadOnlyE2FIXTURE12345 already' 'def listed: if . == null then [] elif type == "array" then . else [.] end;
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
[ "$size" -le 20480 ] || fail 'bucket policy of site would be longer than the 20480 bytes that S3 allows. Nothing has been changed.'
# origin access control cfdoctor-it's "oac"-E2FIXTURE12345
aws cloudfront list-origin-access-controls --output json > "$work/origin-access-controls.json"
oac_id_s3=$(jq -r --arg v1 'cfdoctor-it'"'"'s "oac"-E2FIXTURE12345' --arg v2 s3 --arg v3 always --arg v4 'an origin access control of this name exists already, with other settings' '[.OriginAccessControlList.Items[]? | select(.Name == $v1)][0]
| if . == null then "" elif .OriginAccessControlOriginType == $v2 and .SigningBehavior == $v3 then .Id else error($v4) end' "$work/origin-access-controls.json")
knows cloudfront update-distribution CacheBehaviors.CachePolicyId DefaultCacheBehavior.CachePolicyId DefaultCacheBehavior.OriginRequestPolicyId DistributionConfig.SettingOfNextYear Origins.OriginAccessControlId SettingOfNextYear.Kept
# distribution E2FIXTURE12345
aws cloudfront get-distribution-config --id E2FIXTURE12345 --output json > "$work/2.old.answer.json"
jq .DistributionConfig "$work/2.old.answer.json" > "$work/2.old.json"
edit_2() {
jq --arg v1 s3-site --arg v2 'there is no Origins.Items[Id=s3-site]' --arg v3 '' --arg v4 "$oac_id_s3" 'if any(.Origins.Items[]? | select(.Id == $v1); true) then . else error($v2) end
| (.Origins.Items[]? | select(.Id == $v1) | .S3OriginConfig.OriginAccessIdentity | select(. != null)) = $v3
| if any(.Origins.Items[]? | select(.Id == $v1); true) then . else error($v2) end
| (.Origins.Items[]? | select(.Id == $v1) | .OriginAccessControlId) = $v4' "$1"
}
edit_2 "$work/2.old.json" > "$work/2.new.json"

# Change.
if same "$work/1.old.json" "$work/1.new.json"; then
  say 'bucket policy of site: already as wanted'
else
  jq -c . "$work/1.new.json" > "$work/1.put.json"
  aws s3api put-bucket-policy --bucket site --policy "file://$work/1.put.json"
  say 'bucket policy of site: changed'
fi
if [ -z "$oac_id_s3" ]; then
  aws cloudfront create-origin-access-control --origin-access-control-config '{"Name":"cfdoctor-it'"'"'s \"oac\"-E2FIXTURE12345","OriginAccessControlOriginType":"s3","SigningBehavior":"always","SigningProtocol":"sigv4"}' --output json > "$work/created.json"
  oac_id_s3=$(jq -r .OriginAccessControl.Id "$work/created.json")
  say 'origin access control cfdoctor-it'"'"'s "oac"-E2FIXTURE12345: created with the id '"$oac_id_s3"
else
  say 'origin access control cfdoctor-it'"'"'s "oac"-E2FIXTURE12345: there already, with the id '"$oac_id_s3"
fi
edit_2 "$work/2.old.json" > "$work/2.new.json"
if same "$work/2.old.json" "$work/2.new.json"; then
  say 'distribution E2FIXTURE12345: already as wanted'
else
  etag=$(jq -r .ETag "$work/2.old.answer.json")
  aws cloudfront update-distribution --id E2FIXTURE12345 --if-match "$etag" --distribution-config "file://$work/2.new.json" --output json > "$work/2.written.json"
  say 'distribution E2FIXTURE12345: changed'
fi

# Wait until it has taken effect.
say 'Waiting for CloudFront to deploy the change; this can take some minutes.'
aws cloudfront wait distribution-deployed --id E2FIXTURE12345

# Read again.
if aws s3api get-bucket-policy --bucket site --output json > "$work/1.now.answer.json" 2> "$work/1.now.error"; then
  jq '.Policy | fromjson' "$work/1.now.answer.json" > "$work/1.now.json"
else
  absent NoSuchBucketPolicy "$work/1.now.error"
  : > "$work/1.now.none"
  printf '%s\n' '{"Version":"2012-10-17","Statement":[]}' > "$work/1.now.json"
fi
edit_1 "$work/1.now.json" > "$work/1.want.json"
check 'bucket policy of site' "$work/1.now.json" "$work/1.want.json"
aws cloudfront get-distribution-config --id E2FIXTURE12345 --output json > "$work/2.now.answer.json"
jq .DistributionConfig "$work/2.now.answer.json" > "$work/2.now.json"
edit_2 "$work/2.now.json" > "$work/2.want.json"
check 'distribution E2FIXTURE12345' "$work/2.now.json" "$work/2.want.json"

say 'To go back:'
say '  etag=$(aws cloudfront get-distribution-config --id E2FIXTURE12345 --query ETag --output text)'
say '  aws cloudfront update-distribution --id E2FIXTURE12345 --if-match "$etag" --distribution-config '"'file://$work/2.old.json'"
say '  (the origin access control cfdoctor-it'"'"'s "oac"-E2FIXTURE12345 costs nothing and does nothing by itself; it can stay)'
if [ -e "$work/1.old.none" ]; then
  say '  aws s3api delete-bucket-policy --bucket site'
else
  say '  aws s3api put-bucket-policy --bucket site --policy '"'file://$work/1.old.json'"
fi

exit "$failed"
