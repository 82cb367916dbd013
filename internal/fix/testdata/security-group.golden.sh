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
# security group sg-1
aws ec2 describe-managed-prefix-lists --region eu-west-1 --filters Name=prefix-list-name,Values=com.amazonaws.global.cloudfront.origin-facing --output json > "$work/1.lists.json"
list=$(jq -r '.PrefixLists[0].PrefixListId // ""' "$work/1.lists.json")
[ -n "$list" ] || fail 'The Region has no prefix list com.amazonaws.global.cloudfront.origin-facing. Nothing has been changed.'
aws ec2 describe-security-groups --region eu-west-1 --group-ids sg-1 --output json > "$work/1.old.json"
jq -n --arg list "$list" --argjson port 443 '[{IpProtocol: "tcp", FromPort: $port, ToPort: $port, PrefixListIds: [{PrefixListId: $list, Description: "CloudFront"}]}]' > "$work/1.rule.json"

# Change.
if jq -e --arg list "$list" --argjson port 443 'any(.SecurityGroups[0].IpPermissions[]?; (.IpProtocol == "-1" or .IpProtocol == "tcp" and .FromPort <= $port and $port <= .ToPort)
  and any(.PrefixListIds[]?; .PrefixListId == $list))' "$work/1.old.json" >/dev/null; then
  say 'security group sg-1'': already as wanted'
else
  aws ec2 authorize-security-group-ingress --region eu-west-1 --group-id sg-1 --ip-permissions "file://$work/1.rule.json" --output json >/dev/null
  say 'security group sg-1'': changed'
fi

# Read again.
aws ec2 describe-security-groups --region eu-west-1 --group-ids sg-1 --output json > "$work/1.now.json"
if jq -e --arg list "$list" --argjson port 443 'any(.SecurityGroups[0].IpPermissions[]?; (.IpProtocol == "-1" or .IpProtocol == "tcp" and .FromPort <= $port and $port <= .ToPort)
  and any(.PrefixListIds[]?; .PrefixListId == $list))' "$work/1.now.json" >/dev/null; then say PASS 'security group sg-1'; else say FAIL 'security group sg-1'; failed=1; fi

say 'To go back:'
say '  aws ec2 revoke-security-group-ingress --region eu-west-1 --group-id sg-1 --ip-permissions '"'file://$work/1.rule.json'"

exit "$failed"
