#!/bin/sh
# A stand-in for the aws program: it keeps one account's state as files in $FAKE and logs what changes.
set -eu
if [ "$1" = --version ]; then echo "aws-cli/$FAKE_VERSION Python/3"; exit 0; fi
service=$1 verb=$2
shift 2
value() {
  want=$1
  shift
  while [ $# -gt 0 ]; do
    case $1 in
    "$want") printf '%s\n' "$2"; return ;;
    "$want"=*) printf '%s\n' "${1#"$want"=}"; return ;;
    esac
    shift
  done
}
load() { case $1 in file://*) cat "${1#file://}" ;; *) printf '%s\n' "$1" ;; esac; }
refuse() { printf '\nAn error occurred (%s) when calling the %s operation: no\n' "$1" "$verb" >&2; exit 254; }
changed() { printf '%s %s\n' "$service" "$verb" >>"$FAKE/log"; }
bump() { n=$(($(cat "$FAKE/version" 2>/dev/null || echo 1) + 1)); echo "$n" >"$FAKE/version"; }
version() { cat "$FAKE/version" 2>/dev/null || echo 1; }
case "$verb $*" in
"update-distribution --generate-cli-skeleton" | "update-web-acl --generate-cli-skeleton") cat "$FAKE/$verb.skeleton.json"; exit 0 ;;
esac
if [ -e "$FAKE/deny.$verb" ]; then refuse AccessDenied; fi
case "$service $verb" in
"cloudfront get-distribution-config")
  order=.
  # Lists of texts come back in an order of the service's own.
  if [ -e "$FAKE/shuffle" ] && [ -e "$FAKE/version" ]; then order='walk(if type == "array" and all(.[]; type == "string") then reverse else . end)'; fi
  jq --arg e "V$(version)" "$order"' | {ETag: $e, DistributionConfig: .}' "$FAKE/config.json"
  if [ -e "$FAKE/race" ]; then bump; fi ;;
"cloudfront update-distribution")
  [ "$(value --if-match "$@")" = "V$(version)" ] || refuse PreconditionFailed
  load "$(value --distribution-config "$@")" >"$FAKE/config.new"
  mv "$FAKE/config.new" "$FAKE/config.json"
  bump
  changed
  echo '{}' ;;
"cloudfront wait") ;;
"cloudfront create-invalidation") changed; echo '{}' ;;
"cloudfront list-invalidations") echo '{"InvalidationList":{"Items":[{"Id":"I1","Status":"InProgress"}]}}' ;;
"cloudfront list-origin-access-controls") cat "$FAKE/oacs.json" ;;
"cloudfront create-origin-access-control")
  jq --argjson c "$(value --origin-access-control-config "$@")" '.OriginAccessControlList.Items += [$c + {Id: "ENEWOAC"}]' "$FAKE/oacs.json" >"$FAKE/oacs.new"
  mv "$FAKE/oacs.new" "$FAKE/oacs.json"
  changed
  echo '{"OriginAccessControl":{"Id":"ENEWOAC"}}' ;;
"s3api get-bucket-policy")
  file="$FAKE/$(value --bucket "$@").policy"
  [ -e "$file" ] || refuse NoSuchBucketPolicy
  jq -R -s '{Policy: .}' "$file" ;;
"s3api put-bucket-policy")
  load "$(value --policy "$@")" >"$FAKE/$(value --bucket "$@").policy"
  changed ;;
"kms get-key-policy") jq -R -s '{Policy: ., PolicyName: "default"}' "$FAKE/key.policy" ;;
"kms put-key-policy") load "$(value --policy "$@")" >"$FAKE/key.policy"; changed ;;
"lambda get-policy")
  [ -e "$FAKE/lambda.policy" ] || refuse ResourceNotFoundException
  jq -R -s '{Policy: .}' "$FAKE/lambda.policy" ;;
"lambda add-permission")
  [ -e "$FAKE/lambda.policy" ] || echo '{"Version":"2012-10-17","Statement":[]}' >"$FAKE/lambda.policy"
  jq --arg sid "$(value --statement-id "$@")" --arg action "$(value --action "$@")" --arg arn "$(value --source-arn "$@")" --arg p "$(value --principal "$@")" \
    '.Statement += [{Sid: $sid, Effect: "Allow", Principal: {Service: $p}, Action: $action, Resource: "arn:aws:lambda:eu-west-1:123456789012:function:thumbs", Condition: {ArnLike: {"AWS:SourceArn": $arn}}}]' \
    "$FAKE/lambda.policy" >"$FAKE/lambda.new"
  mv "$FAKE/lambda.new" "$FAKE/lambda.policy"
  changed
  echo '{}' ;;
"wafv2 get-web-acl") jq --arg e "T$(version)" '{LockToken: $e, WebACL: .}' "$FAKE/acl.json" ;;
"wafv2 update-web-acl")
  load "$(value --cli-input-json "$@")" >"$FAKE/input.json"
  [ "$(jq -r .LockToken "$FAKE/input.json")" = "T$(version)" ] || refuse WAFOptimisticLockException
  # Version 1 sends text as it is, version 2 takes it for base64.
  case $FAKE_VERSION in 1.*) encode=true ;; *) encode=false; [ "$(value --cli-binary-format "$@")" = base64 ] ;; esac
  jq --slurpfile new "$FAKE/input.json" --argjson encode "$encode" \
    'def sent: walk(if type == "object" and has("SearchString") and $encode then .SearchString |= @base64 else . end);
     {Name, Id, ARN, Capacity, ManagedByFirewallManager, LabelNamespace} + ($new[0] | del(.LockToken) | sent)' "$FAKE/acl.json" >"$FAKE/acl.new"
  mv "$FAKE/acl.new" "$FAKE/acl.json"
  bump
  changed
  echo '{}' ;;
"route53 list-resource-record-sets") jq '{ResourceRecordSets: .}' "$FAKE/records.json" ;;
"route53 wait") ;;
"route53 change-resource-record-sets")
  load "$(value --change-batch "$@")" | jq --slurpfile have "$FAKE/records.json" 'reduce .Changes[] as $c ($have[0];
    if $c.Action == "CREATE" then . + [$c.ResourceRecordSet] elif index([$c.ResourceRecordSet]) then . - [$c.ResourceRecordSet] else error("InvalidChangeBatch") end)' >"$FAKE/records.new"
  mv "$FAKE/records.new" "$FAKE/records.json"
  changed
  echo '{"ChangeInfo":{"Id":"/change/C1"}}' ;;
"cloudfront list-vpc-origins") cat "$FAKE/vpc.json" 2>/dev/null || echo '{"VpcOriginList":{"Items":[]}}' ;;
"cloudfront get-vpc-origin") [ "$(value --id "$@")" = vo_NEW ] && echo Deployed ;;
"cloudfront create-vpc-origin")
  value --vpc-origin-endpoint-config "$@" | jq '{VpcOriginList: {Items: [{Id: "vo_NEW", Name, OriginEndpointArn: .Arn}]}}' >"$FAKE/vpc.json"
  changed
  echo '{"VpcOrigin":{"Id":"vo_NEW"}}' ;;
"lambda get-function-url-config") cat "$FAKE/url.json" ;;
"lambda update-function-url-config")
  [ -e "$FAKE/url.json" ] && [ "$(value --auth-type "$@")" = "$(jq -r .AuthType "$FAKE/url.json")" ] || changed
  jq -n --arg a "$(value --auth-type "$@")" '{AuthType: $a}' >"$FAKE/url.json" ;;
"wafv2 list-web-acls") cat "$FAKE/acls.json" 2>/dev/null || echo '{"WebACLs":[{"Name":"other","ARN":"arn:other"}]}' ;;
"wafv2 create-web-acl")
  value --rules "$@" | jq -e 'length == 3' >/dev/null
  jq -n --arg n "$(value --name "$@")" '{WebACLs: [{Name: $n, ARN: ("arn:aws:wafv2:us-east-1:123456789012:global/webacl/" + $n + "/NEW")}]}' >"$FAKE/acls.json"
  changed
  jq '{Summary: .WebACLs[0]}' "$FAKE/acls.json" ;;
"s3api head-object") cat "$FAKE/object.$(value --key "$@" | tr / _)" 2>/dev/null || refuse 404 ;;
"s3api copy-object")
  [ "$(value --copy-source "$@")" = "site/img/it's.png" ]
  cp "$FAKE/object.img_it's.png" "$FAKE/object.$(value --key "$@" | tr / _)"
  changed ;;
"s3api delete-object") rm "$FAKE/object.$(value --key "$@" | tr / _)"; changed ;;
"ec2 describe-managed-prefix-lists") echo '{"PrefixLists":[{"PrefixListId":"pl-0fixture"}]}' ;;
"ec2 describe-security-groups") cat "$FAKE/group.json" ;;
"ec2 authorize-security-group-ingress")
  jq --argjson p "$(load "$(value --ip-permissions "$@")")" '.SecurityGroups[0].IpPermissions += $p' "$FAKE/group.json" >"$FAKE/group.new"
  mv "$FAKE/group.new" "$FAKE/group.json"
  changed
  echo '{}' ;;
"cloudfront create-monitoring-subscription") value --monitoring-subscription "$@" >"$FAKE/monitoring.json"; changed ;;
"cloudfront get-monitoring-subscription") jq '{MonitoringSubscription: .}' "$FAKE/monitoring.json" ;;
"cloudwatch put-metric-alarm")
  [ "$(value --region "$@")" = us-east-1 ]
  value --alarm-name "$@" >>"$FAKE/alarms"
  value --dimensions "$@" | jq -e 'any(.[]; .Name == "Region" and .Value == "Global")' >/dev/null
  changed ;;
"cloudwatch describe-alarms") jq -R -s '{MetricAlarms: (split("\n") | map(select(. != "") | {AlarmName: .}))}' "$FAKE/alarms" ;;
"logs describe-delivery-sources") echo '{"deliverySources":[]}' ;;
"logs describe-deliveries") cat "$FAKE/deliveries.json" 2>/dev/null || echo '{"deliveries":[]}' ;;
"logs create-log-group") refuse ResourceAlreadyExistsException ;;
"logs describe-log-groups") jq -n --arg n "$(value --log-group-name-prefix "$@")" '{logGroups: [{logGroupName: $n}]}' ;;
"logs put-delivery-source" | "logs put-delivery-destination") changed; echo '{}' ;;
"logs create-delivery")
  jq -n --arg s "$(value --delivery-source-name "$@")" --arg d "$(value --delivery-destination-arn "$@")" '{deliveries: [{id: "D1", deliverySourceName: $s, deliveryDestinationArn: $d}]}' >"$FAKE/deliveries.json"
  changed
  echo '{"delivery":{"id":"D1"}}' ;;
"s3api get-bucket-cors") cat "$FAKE/cors.json" 2>/dev/null || refuse NoSuchCORSConfiguration ;;
"s3api put-bucket-cors") load "$(value --cors-configuration "$@")" >"$FAKE/cors.json"; changed ;;
"cloudfront get-key-group") jq --arg e "V$(version)" '{ETag: $e, KeyGroup: {KeyGroupConfig: .}}' "$FAKE/keys.json" ;;
"cloudfront update-key-group")
  [ "$(value --if-match "$@")" = "V$(version)" ] || refuse PreconditionFailed
  load "$(value --key-group-config "$@")" >"$FAKE/keys.new"
  mv "$FAKE/keys.new" "$FAKE/keys.json"
  bump
  changed
  echo '{}' ;;
"cloudfront get-distribution-tenant-by-domain")
  [ "$(value --domain "$@")" = north.example.com ]
  jq --arg e "V$(version)" '{ETag: $e, DistributionTenant: .}' "$FAKE/tenant.json" ;;
"cloudfront update-distribution-tenant")
  [ "$(value --id "$@") $(value --if-match "$@")" = "dt_1 V$(version)" ] || refuse PreconditionFailed
  load "$(value --cli-input-json "$@")" >"$FAKE/input.json"
  # An update takes these members alone, and the names of domains without their state.
  jq -e 'keys - ["ConnectionGroupId", "Customizations", "DistributionId", "Domains", "Enabled", "Parameters"] == [] and all(.Domains[]; keys == ["Domain"])' "$FAKE/input.json" >/dev/null
  jq --slurpfile new "$FAKE/input.json" '. as $old | del(.DistributionId, .Domains, .Customizations, .Parameters, .ConnectionGroupId, .Enabled) + $new[0]
    | .Domains |= map(.Domain as $d | . + {Status: first($old.Domains[] | select(.Domain == $d)).Status})' "$FAKE/tenant.json" >"$FAKE/tenant.new"
  mv "$FAKE/tenant.new" "$FAKE/tenant.json"
  bump
  changed
  echo '{}' ;;
"cloudfront describe-function")
  stage=$(value --stage "$@")
  jq --arg e "V$(version)" --arg s "${stage:-DEVELOPMENT}" '{ETag: $e, FunctionSummary: {FunctionConfig: .[$s].config, FunctionMetadata: {Stage: $s}}}' "$FAKE/function.json" ;;
"cloudfront get-function")
  for last in "$@"; do case $last in *.js) to=$last ;; esac; done
  jq -j --arg s "$(value --stage "$@")" '.[$s].code' "$FAKE/function.json" >"$to"
  jq -n --arg e "V$(version)" '{ETag: $e, ContentType: "application/javascript"}' ;;
"cloudfront update-function")
  [ "$(value --if-match "$@")" = "V$(version)" ] || refuse PreconditionFailed
  code=$(value --function-code "$@") # a final line break has to survive
  jq --argjson c "$(load "$(value --function-config "$@")")" --rawfile code "${code#fileb://}" '.DEVELOPMENT = {config: $c, code: $code}' "$FAKE/function.json" >"$FAKE/function.new"
  mv "$FAKE/function.new" "$FAKE/function.json"
  bump
  changed
  jq -n --arg e "V$(version)" '{ETag: $e}' ;;
"cloudfront publish-function")
  [ "$(value --if-match "$@")" = "V$(version)" ] || refuse PreconditionFailed
  jq '.LIVE = .DEVELOPMENT' "$FAKE/function.json" >"$FAKE/function.new"
  mv "$FAKE/function.new" "$FAKE/function.json"
  changed
  echo '{}' ;;
*) printf 'the stand-in does not know %s %s\n' "$service" "$verb" >&2; exit 2 ;;
esac
