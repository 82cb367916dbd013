"""Writes answers in AWS's wire protocols, by botocore's models. Values have the shape that the AWS CLI prints."""

import base64
import json
from datetime import datetime, timezone
from email.utils import format_datetime
from xml.etree import ElementTree as ET

import cbor2

XSI = "http://www.w3.org/2001/XMLSchema-instance"
REQUEST_ID = "00000000-0000-4000-8000-000000000000"


def result(call, output):
    """Returns status, headers and body of an answer."""
    shape = call.operation.output_shape
    status = call.operation.http.get("responseCode", 200)
    if shape is None:
        return status, {}, b""
    if call.protocol == "cbor":
        return status, {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}, cbor2.dumps(CBOR().value(shape, output))
    if call.protocol == "json":
        return status, {"Content-Type": "application/x-amz-json-1.1"}, encode_json(shape, output)
    if call.protocol in ("query", "ec2"):
        return status, {"Content-Type": "text/xml"}, query_body(call, shape, output)
    return status, *rest(call, shape, output)


def error(call, problem):
    """Returns status, headers and body of an error."""
    status = problem.get("http_status", 400)
    code, message = problem["code"], problem.get("message", "")
    if call.protocol == "cbor":
        headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return status, headers, cbor2.dumps({"__type": code, "message": message})
    if call.protocol in ("json", "rest-json"):
        headers = {"Content-Type": "application/json", "x-amzn-errortype": code}
        return status, headers, json.dumps({"__type": code, "message": message}).encode()
    root = ET.Element("Error")
    ET.SubElement(root, "Code").text = code
    ET.SubElement(root, "Message").text = message
    if call.protocol == "ec2":
        root = wrap("Response", wrap("Errors", root))
    elif call.service != "s3":
        root = wrap("ErrorResponse", root)
    return status, {"Content-Type": "text/xml"}, ET.tostring(root)


def wrap(name, *children):
    root = ET.Element(name)
    root.extend(children)
    return root


# JSON and CBOR


class JSON:
    """Values as the JSON protocols have them."""

    def value(self, shape, value):
        if value is None:
            return None
        kind = shape.type_name
        if kind == "structure":
            if getattr(shape, "is_document_type", False):
                return value
            return {
                self.name(n, m): self.value(m, value[n])
                for n, m in shape.members.items()
                if value.get(n) is not None and "location" not in m.serialization
            }
        if kind == "list":
            return [self.value(shape.member, v) for v in value]
        if kind == "map":
            return {k: self.value(shape.value, v) for k, v in value.items()}
        if kind == "timestamp":
            return self.time(shape, instant(value))
        if kind == "blob":
            return self.blob(value)
        return value

    def name(self, member, shape):
        return shape.serialization.get("name", member)

    def time(self, shape, t):
        style = shape.serialization.get("timestampFormat")
        if style == "iso8601":
            return iso(t)
        if style == "rfc822":
            return format_datetime(t, usegmt=True)
        return t.timestamp()

    def blob(self, value):
        return value


class CBOR(JSON):
    """Values as CBOR has them: bytes and times of their own."""

    def name(self, member, shape):
        return member

    def time(self, shape, t):
        return cbor2.CBORTag(1, t.timestamp())

    def blob(self, value):
        return base64.b64decode(value)


def encode_json(shape, output):
    return json.dumps(JSON().value(shape, output)).encode()


# XML


def query_body(call, shape, output):
    name = call.operation.name
    root = ET.Element(name + "Response")
    if call.protocol == "ec2":
        ET.SubElement(root, "requestId").text = REQUEST_ID
        members(root, shape, output)
    else:
        members(ET.SubElement(root, shape.serialization.get("resultWrapper", name + "Result")), shape, output)
        metadata = ET.SubElement(root, "ResponseMetadata")
        ET.SubElement(metadata, "RequestId").text = REQUEST_ID
    return ET.tostring(root)


def members(element, shape, value):
    """Writes a structure's members into an element."""
    for name, member in shape.members.items():
        v = value.get(name)
        if v is None or member.serialization.get("location"):
            continue
        tag = member.serialization.get("name", name)
        if member.serialization.get("xmlAttribute"):
            element.set("xmlns:xsi", XSI)  # S3 declares the prefix at the element that needs it
            element.set(tag, str(v))
        else:
            write(element, tag, member, v)


def write(parent, tag, shape, value):
    """Writes a value as an element of its parent."""
    kind = shape.type_name
    if kind == "list" and shape.serialization.get("flattened"):
        for item in value:
            write(parent, shape.member.serialization.get("name", tag), shape.member, item)
        return
    if kind == "map" and shape.serialization.get("flattened"):
        for k, v in value.items():
            entry(ET.SubElement(parent, tag), shape, k, v)
        return
    element = ET.SubElement(parent, tag)
    if kind == "structure":
        members(element, shape, value)
    elif kind == "list":
        for item in value:
            write(element, shape.member.serialization.get("name", "member"), shape.member, item)
    elif kind == "map":
        for k, v in value.items():
            entry(ET.SubElement(element, "entry"), shape, k, v)
    else:
        element.text = text(shape, value, "iso8601")


def entry(element, shape, key, value):
    write(element, shape.key.serialization.get("name", "key"), shape.key, key)
    write(element, shape.value.serialization.get("name", "value"), shape.value, value)


# REST: some members are headers, and one may be the whole body


def rest(call, shape, output):
    """Returns headers and body."""
    headers = {}
    for name, member in shape.members.items():
        location, value = member.serialization.get("location"), output.get(name)
        if value is None:
            continue
        if location == "header":
            headers[member.serialization.get("name", name)] = text(member, value, "rfc822")
        elif location == "headers":
            for k, v in value.items():
                headers[member.serialization.get("name", "") + k] = v
    xml = call.protocol == "rest-xml"
    content_type = {"Content-Type": "text/xml" if xml else "application/json"}
    payload = shape.serialization.get("payload")
    if payload:
        member, value = shape.members[payload], output.get(payload)
        if member.type_name == "blob":
            return headers, base64.b64decode(value or "")
        if member.type_name == "string":
            return headers, (value or "").encode()
        shape, output = member, value or {}
    elif all(m.serialization.get("location") for m in shape.members.values()):
        return headers, b""
    if call.service == "s3" and call.operation.name == "GetBucketLocation":
        root = ET.Element("LocationConstraint")
        root.text = output.get("LocationConstraint")
        return content_type | headers, ET.tostring(root)
    if not xml:
        return content_type | headers, encode_json(shape, output)
    root = ET.Element(shape.serialization.get("name", shape.name))
    members(root, shape, output)
    return content_type | headers, ET.tostring(root)


# Scalars


def text(shape, value, default_time):
    if shape.type_name == "boolean":
        return "true" if value else "false"
    if shape.type_name == "timestamp":
        style, t = shape.serialization.get("timestampFormat", default_time), instant(value)
        return {"iso8601": iso, "rfc822": lambda t: format_datetime(t, usegmt=True), "unixTimestamp": lambda t: str(t.timestamp())}[style](t)
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return str(value)


def instant(value):
    """A time as version 1 or 2 of the AWS CLI prints it."""
    if isinstance(value, (int, float)):
        return datetime.fromtimestamp(value, timezone.utc)
    t = datetime.fromisoformat(value.replace("Z", "+00:00"))
    return t if t.tzinfo else t.replace(tzinfo=timezone.utc)


def iso(t):
    return t.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")
