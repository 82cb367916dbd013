#!/usr/bin/env python3
"""Prints a bundle that has an answer with every member for each of the named operations, made up from botocore's models.

    sample.py SERVICE:OPERATION...

It is for finding members that get lost, or change their name, on the way through a client.
"""

import json
import sys

from moto.core.utils import get_service_model

# Members that lead to another page: an answer with them would never end.
PAGES = {"NextToken", "nextToken", "NextMarker", "Marker", "position", "NextContinuationToken", "NextRecordName", "NextRecordType",
         "NextRecordIdentifier"}

# Texts that clients take apart.
TEXTS = {"KvsARN": "arn:aws:cloudfront::123456789012:key-value-store/0b2c1a8e", "AccountId": "123456789012", "MaxItems": "7"}

# Params that clients check before they send them.
ID = "4f4a5e0c-8a2f-4c58-9d35-1b8a5b1d2c3e"
WEB_ACL = f"arn:aws:wafv2:us-east-1:123456789012:global/webacl/site/{ID}"
PARAMS = {"CertificateArn": f"arn:aws:acm:us-east-1:123456789012:certificate/{ID}", "Id": ID, "WebACLId": ID, "WebAclArn": WEB_ACL,
          "ResourceArn": WEB_ACL}

# Members that the AWS CLI prints in another form than the one on the wire.
OTHER_FORM = {"AssumeRolePolicyDocument", "Expires"}


def sample(shape, name, above):
    """Makes up a value of a shape. Above are the names of the shapes around it, for the ones that contain themselves."""
    kind = shape.type_name
    if kind == "structure":
        inner = above | {shape.name}
        members = [(n, m) for n, m in shape.members.items() if n not in PAGES | OTHER_FORM and not contains(m, above)]
        if getattr(shape, "is_tagged_union", False):
            members = members[:1]
        return {n: sample(m, n, inner) for n, m in members}
    if kind == "list":
        return [sample(shape.member, name, above)]
    if kind == "map":
        return {"key": sample(shape.value, name, above)}
    if kind == "timestamp":
        return "2026-11-20T10:00:00Z"
    if kind == "blob":
        return "Y2Zkb2N0b3I="
    if kind == "boolean":
        return name not in ("IsTruncated",)
    if kind in ("integer", "long"):
        return 7
    if kind in ("float", "double"):
        return 2.5
    return shape.enum[0] if getattr(shape, "enum", None) else TEXTS.get(name, f"a {name}")


def contains(shape, above):
    """Reports whether a shape leads back to one around it."""
    if shape.type_name == "list":
        shape = shape.member
    elif shape.type_name == "map":
        shape = shape.value
    return shape.name in above


def params(model):
    if model.input_shape is None:
        return {}
    made_up = {n: sample(m, n, set()) for n, m in model.input_shape.members.items() if n in model.input_shape.required_members}
    return {n: PARAMS.get(n, v.replace(" ", "-") if isinstance(v, str) else v) for n, v in made_up.items()}


def main():
    calls = []
    for name in sys.argv[1:]:
        service, _, operation = name.partition(":")
        model = get_service_model(service).operation_model(operation)
        output = sample(model.output_shape, "", set()) if model.output_shape else {}
        calls.append({"service": service, "operation": operation, "params": params(model), "output": output})
    json.dump({"format": "cfdoctor-bundle/v1", "captured_at": "2026-11-20T10:00:00Z", "calls": calls}, sys.stdout)


if __name__ == "__main__":
    main()
