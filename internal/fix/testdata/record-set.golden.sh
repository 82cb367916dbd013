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
# address records of www.example.com in the hosted zone Z1
aws route53 list-resource-record-sets --hosted-zone-id Z1 --start-record-name www.example.com --output json > "$work/1.old.json"
changes_1() {
jq --arg v1 www.example.com. --argjson v2 '[{"Name":"www.example.com.","AliasTarget":{"DNSName":"d1.cloudfront.net.","EvaluateTargetHealth":false,"HostedZoneId":"Z2FDTNDATAQYW2"},"Type":"A"},{"Name":"www.example.com.","AliasTarget":{"DNSName":"d1.cloudfront.net.","EvaluateTargetHealth":false,"HostedZoneId":"Z2FDTNDATAQYW2"},"Type":"AAAA"}]' --arg v3 'a record of the name answers by weight, place or health (it has a SetIdentifier): a person has to decide what becomes of it' '[.ResourceRecordSets[] | select((.Name | ascii_downcase) == $v1 and (.Type | . == "A" or . == "AAAA" or . == "CNAME"))]
| if any(.[]; .SetIdentifier) then error($v3) else . end
| . as $have | $v2 as $want | {back: [(($want - $have)[] | {Action: "DELETE", ResourceRecordSet: .}), (($have - $want)[] | {Action: "CREATE", ResourceRecordSet: .})],
  go: [(($have - $want)[] | {Action: "DELETE", ResourceRecordSet: .}), (($want - $have)[] | {Action: "CREATE", ResourceRecordSet: .})]}' "$1"
}
changes_1 "$work/1.old.json" > "$work/1.changes.json"
jq '{Changes: .go}' "$work/1.changes.json" > "$work/1.go.json"
jq '{Changes: .back}' "$work/1.changes.json" > "$work/1.back.json"

# Change.
if jq -e '.Changes == []' "$work/1.go.json" >/dev/null; then
  say 'address records of www.example.com in the hosted zone Z1: already as wanted'
else
  aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch "file://$work/1.go.json" --output json > "$work/1.written.json"
  say 'address records of www.example.com in the hosted zone Z1: changed'
fi

# Wait until it has taken effect.
if [ -e "$work/1.written.json" ]; then aws route53 wait resource-record-sets-changed --id "$(jq -r .ChangeInfo.Id "$work/1.written.json")"; fi

# Read again.
aws route53 list-resource-record-sets --hosted-zone-id Z1 --start-record-name www.example.com --output json > "$work/1.now.json"
changes_1 "$work/1.now.json" > "$work/1.left.json"
if jq -e '.go == []' "$work/1.left.json" >/dev/null; then say PASS 'address records of www.example.com in the hosted zone Z1'; else say FAIL 'address records of www.example.com in the hosted zone Z1'; failed=1; fi

say 'To go back:'
say '  aws route53 change-resource-record-sets --hosted-zone-id Z1 --change-batch '"'file://$work/1.back.json'"

exit "$failed"
