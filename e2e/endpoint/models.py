"""Recognises AWS requests by botocore's models."""

import json
import re
from dataclasses import dataclass
from datetime import datetime, timezone
from urllib.parse import parse_qsl, unquote

import cbor2
from moto.core import parse
from moto.core.model import OperationModel
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers, MultiDict

# The signing names of the services that cfdoctor reads, where they differ from the service's name or several services share one.
SIGNING_NAMES = {
    "elasticloadbalancing": ["elbv2"],
    "monitoring": ["cloudwatch"],
    "s3": ["s3control", "s3"],
    "apigateway": ["apigatewayv2", "apigateway"],
}

PARSERS = {
    "query": parse.QueryParser,
    "ec2": parse.EC2QueryParser,
    "json": parse.JSONParser,
    "rest-json": parse.RestJSONParser,
    "rest-xml": parse.RestXMLParser,
}


@dataclass
class Call:
    service: str
    operation: OperationModel
    protocol: str
    params: dict
    region: str


class Catalogue:
    """Service models, loaded when first asked for."""

    def __init__(self):
        self.models = {}

    def model(self, service):
        if service not in self.models:
            self.models[service] = get_service_model(service)
        return self.models[service]

    def recognise(self, method, target, headers, body):
        """Returns the Call that a request makes, None where it is none."""
        signed = re.search(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request", headers.get("Authorization", ""))
        if signed:
            region, name = signed.groups()
        else:  # signature version 4A names no Region
            signed = re.search(r"Credential=[^/]+/\d+/([^/]+)/aws4_request", headers.get("Authorization", ""))
            if not signed:
                return None
            region, name = "", signed.group(1)
        for service in SIGNING_NAMES.get(name, [name]):
            if service == "s3control" and "x-amz-account-id" not in headers:
                continue
            call = self.recognise_in(service, region, method, target, headers, body)
            if call:
                return call
        return None

    def recognise_in(self, service, region, method, target, headers, body):
        model = self.model(service)
        path, _, query = target.partition("?")
        values = MultiDict(parse_qsl(query, keep_blank_values=True))
        cbor = re.fullmatch(r"/service/\w+/operation/(\w+)", path)
        url_params = {}
        if cbor:
            operation = model.operation_model(cbor.group(1))
            params = cbor2.loads(body) if body else {}
            return Call(service, operation, "cbor", plain(params), region)
        if "X-Amz-Target" in headers:
            protocol = "json"
            operation = model.operation_model(headers["X-Amz-Target"].rpartition(".")[2])
        elif model.protocol in ("query", "ec2") or b"Action=" in body:
            protocol = "ec2" if model.protocol == "ec2" else "query"
            values = MultiDict(parse_qsl(body.decode(), keep_blank_values=True))
            operation = model.operation_model(values["Action"])
        else:
            protocol = model.protocol
            found = find_rest(model, method, path, values)
            if not found:
                return None
            operation, url_params = found
        parser = PARSERS[protocol](operation, timestamp_parser=instant)
        params = parser.parse({
            "body": body, "headers": Headers(list(headers.items())), "method": method,
            "url_params": url_params, "url_path": path, "values": values,
        })
        return Call(service, operation, protocol, plain(params), region)


def instant(value):
    """A time as ISO 8601, from a number or text of seconds since 1970, a datetime, or ISO 8601."""
    if isinstance(value, datetime):
        t = value
    elif re.fullmatch(r"[\d.]+", str(value)):
        t = datetime.fromtimestamp(float(value), timezone.utc)
    else:
        t = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    return t.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


def plain(params):
    """Params without the members that the request does not have, as JSON has them."""
    return json.loads(json.dumps({k: v for k, v in params.items() if v is not None}, default=instant))


def find_rest(model, method, path, values):
    """Finds the operation of a request by method, path and the constants in its query: the one with the most of them."""
    best, best_score = None, (-1, -1)
    for name in model.operation_names:
        operation = model.operation_model(name)
        if operation.http["method"] != method:
            continue
        template, _, constants = operation.http["requestUri"].partition("?")
        wanted = dict(parse_qsl(constants, keep_blank_values=True))
        if any(values.get(k) is None or v and values.get(k) != v for k, v in wanted.items()):
            continue
        if any(values.get(k) is None for k in required_query(operation)):
            continue
        match = re.fullmatch(pattern(template), path) or re.fullmatch(pattern(template), path.rstrip("/") or "/")
        if not match:
            continue
        score = (len(wanted), len(re.sub(r"\{[^}]*\}", "", template)))
        if score > best_score:
            names = re.findall(r"\{([^}+]+)\+?\}", template)
            best = operation, {n: unquote(v) for n, v in zip(names, match.groups())}
            best_score = score
    return best


def required_query(operation):
    shape = operation.input_shape
    if shape is None:
        return []
    return [
        m.serialization.get("name", n)
        for n, m in shape.members.items()
        if n in shape.required_members and m.serialization.get("location") == "querystring"
    ]


def pattern(template):
    """Turns a path template into a regular expression: {Key+} takes slashes, other labels do not."""
    out = ""
    for part in re.split(r"(\{[^}]+\})", template.rstrip("/") or "/"):
        if part.endswith("+}"):
            out += "(.+)"
        elif part.startswith("{"):
            out += "([^/]+)"
        else:
            out += re.escape(part)
    return out
