"""An account in a file, for the aws program: a bundle (docs/formats.md) that answers reads and keeps changes.

Every call goes through the program's own checks of its parameters, and is written out as the request that it would be; nothing is sent. Reads are
answered from the bundle's calls; changes of the kinds that cfdoctor's fixes make are made in them, guarded by versions as AWS does. Each call
is noted in the file that AWSD_LOG names.
"""

import base64
import copy
import fcntl
import io
import json
import os
import urllib.parse

import botocore.client
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

POLICY = '{"Version":"2012-10-17","Statement":[]}'
READS = ("Get", "List", "Describe", "Head", "Search", "Filter", "Test")


class Account:
    def __init__(self, calls):
        self.calls = calls

    def find(self, service, operation, params=None):
        """The recorded call that answers: every member of its params equals the request's, the most specific one wins."""
        params = params or {}
        found = [c for c in self.calls if c["service"] == service and c["operation"] == operation
                 and all(same(params.get(k), v) for k, v in c.get("params", {}).items())]
        return max(found, key=lambda c: len(c.get("params", {})), default=None)

    def output(self, service, operation, params=None):
        call = self.find(service, operation, params)
        if call is None:
            return None
        if "error" in call:
            raise refusal(call["error"]["code"], operation)
        return call["output"]

    def put(self, service, operation, params, output, region=None):
        call = self.find(service, operation, params)
        if call is None:
            call = {"service": service, "operation": operation, "params": params}
            if region:
                call["region"] = region
            self.calls.append(call)
        call.pop("error", None)
        call["output"] = output

    def absent(self, service, operation, params, code):
        self.put(service, operation, params, {})
        call = self.find(service, operation, params)
        del call["output"]
        call["error"] = {"code": code, "message": "", "http_status": 404}

    def everything(self, service, operation):
        return [c["output"] for c in self.calls if c["service"] == service and c["operation"] == operation and "output" in c]


def same(a, b):
    if isinstance(a, list) and isinstance(b, list) and all(isinstance(x, str) for x in a + b):
        return sorted(a) == sorted(b)
    return a == b


def refusal(code, operation):
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": 400}}, operation)


def bumped(version):
    return (version or "V") + "x"


# Reads that no diagnosis makes, told by those that it does.


def derived(account, service, operation, p):
    if operation == "GetDistributionConfig":
        out = account.output("cloudfront", "GetDistribution", {"Id": p["Id"]})
        return out and {"ETag": out.get("ETag", "V1"), "DistributionConfig": out["Distribution"]["DistributionConfig"]}
    if operation == "ListOriginAccessControls":
        items = [dict(o["OriginAccessControl"]["OriginAccessControlConfig"], Id=o["OriginAccessControl"]["Id"])
                 for o in account.everything("cloudfront", "GetOriginAccessControl")]
        return {"OriginAccessControlList": {"Items": items, "Quantity": len(items)}}
    if operation == "DescribeManagedPrefixLists":
        name = "com.amazonaws.global.cloudfront.origin-facing"
        there = [x for o in account.everything("ec2", operation) for x in o["PrefixLists"] if x.get("PrefixListName") == name]
        return {"PrefixLists": there[:1] or [{"PrefixListId": "pl-3b927c52", "PrefixListName": name}]}
    if operation == "DescribeSecurityGroups":
        groups = [g for o in account.everything("ec2", operation) for g in o["SecurityGroups"] if g["GroupId"] in p.get("GroupIds", [g["GroupId"]])]
        return {"SecurityGroups": groups[:1]}
    if operation == "DescribeFunction":
        out = account.output("cloudfront", "DescribeFunction", {"Name": p["Name"], "Stage": "DEVELOPMENT"})
        return out
    if operation == "ListCertificates":
        return account.output("acm", operation, p) or {"CertificateSummaryList": []}
    if operation == "DescribeListeners" and "ListenerArns" in p:
        there = [x for o in account.everything("elbv2", operation) for x in o["Listeners"] if x["ListenerArn"] in p["ListenerArns"]]
        return {"Listeners": there[:1]}
    if operation == "ListWebACLs":
        there = [o["WebACL"] for o in account.everything("wafv2", "GetWebACL")]
        return {"WebACLs": [{k: acl.get(k) for k in ("Name", "Id", "ARN")} for acl in there if (":global/" in acl["ARN"]) == (p["Scope"] == "CLOUDFRONT")]}
    if operation == "GetChange":
        return {"ChangeInfo": {"Id": p["Id"], "Status": "INSYNC", "SubmittedAt": "2026-01-01T00:00:00Z"}}
    if operation == "ListVpcOrigins":
        there = [o["VpcOrigin"] for o in account.everything("cloudfront", "GetVpcOrigin")]
        items = [dict({k: v for k, v in o.items() if k != "VpcOriginEndpointConfig"}, Name=o["VpcOriginEndpointConfig"]["Name"],
                      OriginEndpointArn=o["VpcOriginEndpointConfig"]["Arn"]) for o in there]
        return {"VpcOriginList": {"Items": items, "Quantity": len(items), "MaxItems": 100, "IsTruncated": False}}
    if operation == "ListPublicKeys":
        return {"PublicKeyList": {"Items": [], "Quantity": 0, "MaxItems": 100}}
    if operation == "ListFieldLevelEncryptionProfiles":
        return {"FieldLevelEncryptionProfileList": {"Items": [], "Quantity": 0, "MaxItems": 100}}
    if operation == "ListInvalidations" and not account.everything(service, "GetInvalidation"):
        return {"InvalidationList": {"Items": [{"Id": "I1", "Status": "InProgress"}]}}
    return None


def recorded(service, operation):
    return operation.startswith(READS)


# Changes.


def change(account, service, operation, p, region):
    name = f"{service}:{operation}"
    if operation == "UpdateDistribution":
        out = account.output("cloudfront", "GetDistribution", {"Id": p["Id"]})
        if p.get("IfMatch") != out.get("ETag", "V1"):
            raise refusal("PreconditionFailed", operation)
        out["Distribution"]["DistributionConfig"] = p["DistributionConfig"]
        out["ETag"] = bumped(out.get("ETag"))
        return {"ETag": out["ETag"], "Distribution": out["Distribution"]}
    if name in POLICIES:
        read, absent = POLICIES[name]
        where = {k: v for k, v in p.items() if k != "Policy"}
        if absent:
            account.absent(service, read, where, absent)
        else:
            account.put(service, read, where, {"Policy": p["Policy"]}, region)
        return {}
    if name == "s3:PutBucketCors":
        account.put("s3", "GetBucketCors", {"Bucket": p["Bucket"]}, p["CORSConfiguration"])
    elif name == "s3:DeleteBucketCors":
        account.absent("s3", "GetBucketCors", {"Bucket": p["Bucket"]}, "NoSuchCORSConfiguration")
    elif name == "s3:PutBucketOwnershipControls":
        account.put("s3", "GetBucketOwnershipControls", {"Bucket": p["Bucket"]}, {"OwnershipControls": p["OwnershipControls"]})
    elif name == "s3:PutBucketRequestPayment":
        account.put("s3", "GetBucketRequestPayment", {"Bucket": p["Bucket"]}, {"Payer": p["RequestPaymentConfiguration"]["Payer"]})
    elif operation == "CreateInvalidation":
        made = {"Id": "INEW", "Status": "Completed", "CreateTime": "2026-11-20T10:00:00Z"}  # the clock of the recorded accounts
        where = {"DistributionId": p["DistributionId"]}
        there = (account.output("cloudfront", "ListInvalidations", where) or {}).get("InvalidationList", {}).get("Items") or []
        account.put("cloudfront", "ListInvalidations", where, {"InvalidationList": {
            "Marker": "", "MaxItems": 100, "IsTruncated": False, "Quantity": len(there) + 1, "Items": [made] + there}})
        account.put("cloudfront", "GetInvalidation", dict(where, Id="INEW"), {"Invalidation": dict(made, InvalidationBatch=p["InvalidationBatch"])})
        return {"Invalidation": dict(made, InvalidationBatch=p["InvalidationBatch"])}
    elif operation == "CreateOriginAccessControl":
        control = {"Id": "ENEWOAC", "OriginAccessControlConfig": p["OriginAccessControlConfig"]}
        account.put("cloudfront", "GetOriginAccessControl", {"Id": "ENEWOAC"}, {"OriginAccessControl": control, "ETag": "V1"})
        return {"OriginAccessControl": control, "ETag": "V1"}
    elif operation == "DeleteOriginAccessControl":
        account.calls[:] = [c for c in account.calls if not (c["operation"] == "GetOriginAccessControl" and c["params"] == {"Id": p["Id"]})]
    elif operation in ("UpdateWebACL", "UpdateIPSet"):
        kind = operation[len("Update"):]
        out = account.output("wafv2", "Get" + kind, {k: p[k] for k in ("Name", "Scope", "Id")})
        if out is None:
            out = web_resource(account, kind, p["Id"])
        if p["LockToken"] != out.setdefault("LockToken", "T1"):
            raise refusal("WAFOptimisticLockException", operation)
        for member, value in p.items():
            if member not in ("Name", "Scope", "Id", "LockToken"):
                out[kind][member] = value
        out["LockToken"] = bumped(out["LockToken"])
        return {"NextLockToken": out["LockToken"]}
    else:
        return change_more(account, service, operation, p, region)
    return {}


POLICIES = {
    "s3:PutBucketPolicy": ("GetBucketPolicy", ""), "s3:DeleteBucketPolicy": ("GetBucketPolicy", "NoSuchBucketPolicy"),
    "kms:PutKeyPolicy": ("GetKeyPolicy", ""),
    "mediastore:PutContainerPolicy": ("GetContainerPolicy", ""), "mediastore:DeleteContainerPolicy": ("GetContainerPolicy", "PolicyNotFoundException"),
    "mediapackagev2:PutOriginEndpointPolicy": ("GetOriginEndpointPolicy", ""),
    "mediapackagev2:DeleteOriginEndpointPolicy": ("GetOriginEndpointPolicy", "ResourceNotFoundException"),
}


def change_more(account, service, operation, p, region):
    if operation in ("AddPermission", "RemovePermission"):
        where = {k: p[k] for k in ("FunctionName", "Qualifier") if k in p}
        call = account.find("lambda", "GetPolicy", where)
        policy = json.loads(call["output"]["Policy"] if call and "output" in call else POLICY)
        policy["Statement"] = [s for s in policy["Statement"] if s.get("Sid") != p["StatementId"]]
        if operation == "AddPermission":
            policy["Statement"].append({"Sid": p["StatementId"], "Effect": "Allow", "Principal": {"Service": p["Principal"]}, "Action": p["Action"],
                                        "Resource": p["FunctionName"] if p["FunctionName"].startswith("arn:") else
                                        f"arn:aws:lambda:{region}:{owner(account)}:function:{p['FunctionName']}",
                                        "Condition": {"ArnLike": {"AWS:SourceArn": p["SourceArn"]}}})
        if policy["Statement"]:
            account.put("lambda", "GetPolicy", where, {"Policy": json.dumps(policy)}, region)
        else:
            account.absent("lambda", "GetPolicy", where, "ResourceNotFoundException")
    elif operation in ("AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"):
        for out in account.everything("ec2", "DescribeSecurityGroups"):
            for group in out["SecurityGroups"]:
                if group["GroupId"] == p["GroupId"]:
                    rules = [r for r in group.get("IpPermissions", []) if r not in p["IpPermissions"]]
                    if rules or operation.startswith("Auth"):
                        group["IpPermissions"] = rules + (p["IpPermissions"] if operation.startswith("Auth") else [])
                    else:
                        group.pop("IpPermissions", None)
    elif operation in ("PutMetricAlarm", "DeleteAlarms"):
        out = account.output("cloudwatch", "DescribeAlarms") or {"MetricAlarms": []}
        names = p.get("AlarmNames", [p.get("AlarmName")])
        out["MetricAlarms"] = [a for a in out.get("MetricAlarms", []) if a["AlarmName"] not in names] + ([p] if "AlarmName" in p else [])
        account.put("cloudwatch", "DescribeAlarms", {}, out)
    elif operation == "CreateMonitoringSubscription":
        account.put("cloudfront", "GetMonitoringSubscription", {"DistributionId": p["DistributionId"]}, {"MonitoringSubscription": p["MonitoringSubscription"]})
    elif operation == "DeleteMonitoringSubscription":
        account.absent("cloudfront", "GetMonitoringSubscription", {"DistributionId": p["DistributionId"]}, "NoSuchMonitoringSubscription")
    elif operation == "ModifyLoadBalancerAttributes":
        out = account.output("elbv2", "DescribeLoadBalancerAttributes", {"LoadBalancerArn": p["LoadBalancerArn"]})
        keys = [a["Key"] for a in p["Attributes"]]
        out["Attributes"] = [a for a in out["Attributes"] if a["Key"] not in keys] + p["Attributes"]
    elif operation == "CreateFunction":
        summary = {"Name": p["Name"], "FunctionConfig": p["FunctionConfig"], "Status": "UNPUBLISHED",
                   "FunctionMetadata": {"Stage": "DEVELOPMENT", "FunctionARN": f"arn:aws:cloudfront::{owner(account)}:function/{p['Name']}"}}
        stage = {"Name": p["Name"], "Stage": "DEVELOPMENT"}
        account.put("cloudfront", "DescribeFunction", stage, {"ETag": "V1", "FunctionSummary": summary})
        account.put("cloudfront", "GetFunction", stage, {"ETag": "V1", "FunctionCode": p["FunctionCode"]})
        return {"ETag": "V1", "FunctionSummary": summary}
    elif operation == "DeleteFunction":
        account.calls[:] = [c for c in account.calls if not (c["operation"] in ("DescribeFunction", "GetFunction") and c["params"]["Name"] == p["Name"])]
    elif operation == "UpdateFunction":
        stage = {"Name": p["Name"], "Stage": "DEVELOPMENT"}
        settings, code = account.output("cloudfront", "DescribeFunction", stage), account.output("cloudfront", "GetFunction", stage)
        if p["IfMatch"] != settings.get("ETag", "V1"):
            raise refusal("PreconditionFailed", operation)
        settings["FunctionSummary"]["FunctionConfig"], code["FunctionCode"] = p["FunctionConfig"], p["FunctionCode"]
        settings["ETag"] = code["ETag"] = bumped(p["IfMatch"])
        return {"ETag": settings["ETag"], "FunctionSummary": settings["FunctionSummary"]}
    elif operation == "AssociateAlias":
        entries = [x for out in account.everything("cloudfront", "ListDistributions") for x in out["DistributionList"].get("Items", [])]
        for out in account.everything("cloudfront", "GetDistribution"):
            entries.append({"Id": out["Distribution"]["Id"], "Aliases": out["Distribution"]["DistributionConfig"]["Aliases"]})
        for entry in entries:
            names = [a for a in entry["Aliases"].get("Items", []) if a != p["Alias"]] + ([p["Alias"]] if entry["Id"] == p["TargetDistributionId"] else [])
            entry["Aliases"].update(Quantity=len(names), Items=names)
    elif operation == "PublishFunction":
        for read in ("DescribeFunction", "GetFunction"):
            out = account.output("cloudfront", read, {"Name": p["Name"], "Stage": "DEVELOPMENT"})
            if out:
                live = copy.deepcopy(out)
                if read == "DescribeFunction":
                    live["FunctionSummary"]["FunctionMetadata"]["Stage"] = "LIVE"
                    was = account.output("cloudfront", read, {"Name": p["Name"], "Stage": "LIVE"})
                    if was and "Status" in was["FunctionSummary"]:  # whether distributions use it does not change
                        live["FunctionSummary"]["Status"] = was["FunctionSummary"]["Status"]
                account.put("cloudfront", read, {"Name": p["Name"], "Stage": "LIVE"}, live)
    elif service == "logs":
        return change_logs(account, operation, p)
    elif service == "cloudfront" and operation.startswith("Update") and "IfMatch" in p and "Id" in p:
        update_resource(account, operation, p)
    elif operation == "CopyObject":
        source = dict(zip(("Bucket", "Key"), urllib.parse.unquote(p["CopySource"]).split("/", 1)))
        account.put("s3", "HeadObject", {"Bucket": p["Bucket"], "Key": p["Key"]}, copy.deepcopy(account.output("s3", "HeadObject", source) or {}))
    elif operation == "ModifyListener":
        for out in account.everything("elbv2", "DescribeListeners"):
            for listener in out["Listeners"]:
                if listener["ListenerArn"] == p["ListenerArn"]:
                    listener.update(p)
    elif operation == "ChangeResourceRecordSets":
        # A zone is recorded under both forms of its id.
        zones = [c["output"] for c in account.calls if c["operation"] == "ListResourceRecordSets" and "output" in c
                 and c["params"].get("HostedZoneId", "").rsplit("/", 1)[-1] == p["HostedZoneId"]]
        for out in zones:
            change_records(out.setdefault("ResourceRecordSets", []), copy.deepcopy(p["ChangeBatch"]["Changes"]))
        return {"ChangeInfo": {"Id": "/change/C1", "Status": "PENDING", "SubmittedAt": "2026-01-01T00:00:00Z"}}
    elif operation == "CreateVpcOrigin":
        made = {"Id": "vo_new", "Arn": f"arn:aws:cloudfront::{owner(account)}:vpcorigin/vo_new", "AccountId": owner(account), "Status": "Deployed",
                "VpcOriginEndpointConfig": p["VpcOriginEndpointConfig"]}
        account.put("cloudfront", "GetVpcOrigin", {"Id": "vo_new"}, {"VpcOrigin": made, "ETag": "V1"})
        return {"VpcOrigin": made, "ETag": "V1"}
    elif operation == "DeleteVpcOrigin":
        account.calls[:] = [c for c in account.calls if not (c["operation"] == "GetVpcOrigin" and c["params"] == {"Id": p["Id"]})]
    elif operation == "CreateWebACL":
        where = "global" if p["Scope"] == "CLOUDFRONT" else "regional"
        arn = f"arn:aws:wafv2:{region}:{owner(account)}:{where}/webacl/{p['Name']}/new"
        acl = dict({k: v for k, v in p.items() if k != "Scope"}, Id="new", ARN=arn)
        account.put("wafv2", "GetWebACL", {"Name": p["Name"], "Scope": p["Scope"], "Id": "new"}, {"WebACL": acl, "LockToken": "T1"})
        return {"Summary": {"Name": p["Name"], "Id": "new", "ARN": arn, "LockToken": "T1"}}
    return {}


def change_records(records, changes):
    for change in changes:
        record = change["ResourceRecordSet"]
        record["Name"] = record["Name"].rstrip(".") + "."
        if "AliasTarget" in record:
            record["AliasTarget"]["DNSName"] = record["AliasTarget"]["DNSName"].rstrip(".") + "."
        at = next((i for i, r in enumerate(records) if all(r.get(k) == record.get(k) for k in ("Name", "Type", "SetIdentifier"))), len(records))
        records[at:at + 1] = [] if change["Action"] == "DELETE" else [record]


def web_resource(account, kind, wanted):
    """A web ACL or an address list by its id; an origin's web ACL also as it is recorded for the origin."""
    known = [o for o in account.everything("wafv2", "Get" + kind) + account.everything("wafv2", f"Get{kind}ForResource") if o.get(kind, {}).get("Id") == wanted]
    for out in known:
        out.setdefault("LockToken", "T1")
    return known[0] if known else None


def update_resource(account, operation, p):
    """One of CloudFront's resources beside the distribution, in every answer that shows it."""
    sent = {k: v for k, v in p.items() if k not in ("Id", "IfMatch")}
    for call in account.calls:
        out = call.get("output")
        if call["service"] != "cloudfront" or not call["operation"].startswith("Get") or not isinstance(out, dict):
            continue
        for node in [out] if call["params"].get("Id") == p["Id"] and sent.keys() & out.keys() else [v for v in out.values() if isinstance(v, dict) and v.get("Id") == p["Id"]]:
            if out.get("ETag") not in (None, p["IfMatch"]) and not out["ETag"].startswith(p["IfMatch"]):
                raise refusal("PreconditionFailed", operation)
            domains = {d["Domain"]: d for d in node.get("Domains", [])}
            node.update(sent)
            if "Domains" in sent:
                node["Domains"] = [domains.get(d["Domain"], dict(d, Status="active")) for d in sent["Domains"]]
            out["ETag"] = bumped(p["IfMatch"])


def change_logs(account, operation, p):
    lists = {"Source": ("DescribeDeliverySources", "deliverySources"), "Destination": ("DescribeDeliveryDestinations", "deliveryDestinations")}
    for kind, (read, member) in lists.items():
        if operation in ("PutDelivery" + kind, "DeleteDelivery" + kind):
            out = account.output("logs", read) or {}
            out[member] = [x for x in out.get(member, []) if x["name"] != p["name"]]
            if operation.startswith("Put"):
                made = {"Source": {"name": p["name"], "resourceArns": [p.get("resourceArn")], "logType": p.get("logType"), "service": "cloudfront"},
                        "Destination": {"name": p["name"], "arn": f"arn:aws:logs:us-east-1:{owner(account)}:delivery-destination:{p['name']}",
                                        "deliveryDestinationType": "CWL", "deliveryDestinationConfiguration": p.get("deliveryDestinationConfiguration")}}[kind]
                out[member].append(made)
            account.put("logs", read, {}, out)
    if operation in ("CreateDelivery", "DeleteDelivery"):
        out = account.output("logs", "DescribeDeliveries") or {}
        out["deliveries"] = [x for x in out.get("deliveries", []) if x["id"] != p.get("id", "d1")]
        if operation == "CreateDelivery":
            out["deliveries"].append({"id": "d1", "deliverySourceName": p["deliverySourceName"], "deliveryDestinationArn": p["deliveryDestinationArn"],
                                      "deliveryDestinationType": "CWL"})
        account.put("logs", "DescribeDeliveries", {}, out)
        return {"delivery": {"id": "d1"}}
    return {}


def owner(account):
    out = account.output("sts", "GetCallerIdentity") or {}
    return out.get("Account", "123456789012")


def plain(value, shape):
    """Parameters as a bundle has them: blobs, which the program takes as text or as bytes, in base64."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {k: plain(v, shape.members[k]) if k in shape.members else v for k, v in value.items()}
    if kind == "list" and isinstance(value, (list, tuple)):
        return [plain(v, shape.member) for v in value]
    if kind == "map" and isinstance(value, dict):
        return {k: plain(v, shape.value) for k, v in value.items()}
    if kind == "blob":
        value = value.read() if hasattr(value, "read") else value
        return base64.b64encode(value.encode() if isinstance(value, str) else bytes(value)).decode()
    return value


def known(value, shape):
    """An answer without the members that this version of the program does not know: it reads past them."""
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        return {k: known(v, shape.members[k]) for k, v in value.items() if k in shape.members}
    if kind == "list" and isinstance(value, list):
        return [known(v, shape.member) for v in value]
    if kind == "map" and isinstance(value, dict):
        return {k: known(v, shape.value) for k, v in value.items()}
    if kind == "string" and isinstance(value, (dict, list)):  # policies, which the program reads and bundles hold as read
        return json.dumps(value)
    return copy.copy(value)


def answer_from(path):
    def call(self, operation, params):
        model = self._service_model.operation_model(operation)
        context = {"client_region": self.meta.region_name, "client_config": self.meta.config, "has_streaming_input": model.has_streaming_input, "auth_type": "none"}
        service, event = self._service_model.service_name, f"{self._service_model.service_id.hyphenize()}.{operation}"
        given = copy.deepcopy(params)
        self.meta.events.emit("provide-client-params." + event, params=given, model=model, context=context)  # version 2 decodes base64 here
        given = plain(given, model.input_shape) if model.input_shape else {}
        note = {"service": service, "operation": operation, "region": self.meta.region_name}
        try:
            emitted = self._emit_api_params(api_params=params, operation_model=model, context=context)
            self._convert_to_request_dict(api_params=emitted, operation_model=model, endpoint_url="https://127.0.0.1", context=context)
        except Exception as err:
            log(dict(note, invalid=str(err)))
            raise
        with open(path, "r+", encoding="utf-8") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            bundle = json.load(f)
            account = Account(bundle["calls"])
            if recorded(service, operation):
                out = read(account, service, operation, given)
            else:
                out = change(account, service, operation, given, self.meta.region_name)
                f.seek(0)
                f.truncate()
                json.dump(bundle, f)
        log(note)
        parsed = streamed(model, known(out, model.output_shape) if model.output_shape else {})
        # The program saves streams to files when it hears of the answer.
        self.meta.events.emit("after-call." + event, http_response=Answered(), parsed=parsed, model=model,
                              context=context)
        return parsed

    botocore.client.BaseClient._make_api_call = call


class Answered:
    status_code = 200


def read(account, service, operation, params):
    special = derived(account, service, operation, params) if operation in DERIVED else None
    out = special or account.output(service, operation, params)
    if out is None and service == "wafv2" and operation in ("GetWebACL", "GetIPSet"):
        kind = operation[3:]
        out = web_resource(account, kind, params.get("Id"))
    if out is None and operation == "GetFunction":
        raise refusal("NoSuchFunctionExists", operation)
    if operation == "DescribeFunction" and "Stage" not in params:
        out = account.output(service, operation, dict(params, Stage="DEVELOPMENT"))
    if out is None and os.environ.get("AWSD_STRICT"):
        raise refusal("NotCaptured", operation)
    return out or {}


DERIVED = ("GetDistributionConfig", "ListOriginAccessControls", "DescribeManagedPrefixLists", "DescribeSecurityGroups", "ListInvalidations",
           "ListCertificates", "DescribeListeners", "ListWebACLs", "GetChange", "ListVpcOrigins", "ListPublicKeys", "ListFieldLevelEncryptionProfiles")


def streamed(model, out):
    """Members that the API sends as a stream."""
    shape = model.output_shape
    if shape is not None and getattr(shape, "serialization", {}).get("payload"):
        member = shape.serialization["payload"]
        if shape.members[member].type_name == "blob":
            raw = out.get(member, "")
            raw = base64.b64decode(raw) if isinstance(raw, str) else raw
            out[member] = StreamingBody(io.BytesIO(raw), len(raw))
    out.setdefault("ResponseMetadata", {})
    return out


def log(entry):
    if os.environ.get("AWSD_LOG"):
        with open(os.environ["AWSD_LOG"], "a", encoding="utf-8") as f:
            f.write(json.dumps(entry) + "\n")
