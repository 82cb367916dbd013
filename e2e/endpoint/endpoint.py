#!/usr/bin/env python3
"""An AWS endpoint that answers read calls from a bundle, each after a delay.

It finds the service in a request's signature and the operation in botocore's models, answers by the bundle's rule (every member of the
recorded params equals the request's, the most specific call wins), and writes the answer in the service's own wire protocol. It is
independent of the code that it serves to test: nothing here comes from cfdoctor but the format of the bundle.

    endpoint.py --bundle FILE [--delay SECONDS] [--port N] [--log FILE] [--wire FILE]

The first line on standard output is the endpoint's URL. The log has one JSON object a call: service, operation, start and end in
seconds since the endpoint began, and the HTTP status. The wire file has one JSON object a call, too: the request and the answer as they went
over the wire, for tests that have no endpoint.
"""

import argparse
import json
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import models
import wire


class Bundle:
    """Recorded calls, the ones that win first."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            calls = json.load(f)["calls"]
        self.calls = {}
        for call in reversed(calls):
            self.calls.setdefault((call["service"], call["operation"]), []).append(call)
        for alternatives in self.calls.values():
            alternatives.sort(key=lambda call: -len(call.get("params", {})))

    def find(self, service, operation, params, region):
        for call in self.calls.get((service, operation), []):
            if call.get("region", region) != region:
                continue
            if all(comparable(params.get(k)) == comparable(v) for k, v in call.get("params", {}).items()):
                return call
        return None


def comparable(value):
    """Equal values become equal: the order in a list of strings means nothing to AWS."""
    if isinstance(value, list) and all(isinstance(v, str) for v in value):
        return sorted(value)
    return value


class Log:
    def __init__(self, path):
        self.file = open(path, "w", encoding="utf-8") if path else None
        self.lock = threading.Lock()
        self.began = time.monotonic()

    def now(self):
        return round(time.monotonic() - self.began, 4)

    def write(self, **entry):
        if self.file:
            with self.lock:
                self.file.write(json.dumps(entry) + "\n")
                self.file.flush()


def handler(bundle, catalogue, delay, log, wire_log):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def answer(self):
            start = log.now()
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.path = re.sub("^http://[^/]+", "", self.path)  # of a client whose proxy this is
            call = catalogue.recognise(self.command, self.path, self.headers, body)
            if call is None:
                self.reply(400, {"Content-Type": "text/plain"}, b"no such operation")
                log.write(service="", operation=f"{self.command} {self.path}", start=start, end=log.now(), status=400)
                return
            time.sleep(delay)
            recorded = bundle.find(call.service, call.operation.name, call.params, call.region)
            if recorded is None:
                recorded = {"error": {"code": "NotRecorded", "message": json.dumps(call.params, default=str), "http_status": 400}}
            if "error" in recorded:
                status, headers, text = wire.error(call, recorded["error"])
            else:
                status, headers, text = wire.result(call, recorded["output"])
            # The logs are complete before the client goes on.
            wire_log.write(method=self.command, uri=self.path, target=self.headers.get("X-Amz-Target", ""), body=body.decode("latin-1"),
                           status=status, headers=headers, answer=text.decode("latin-1"))
            log.write(service=call.service, operation=call.operation.name, start=start, end=log.now(), status=status)
            self.reply(status, headers, text)

        def reply(self, status, headers, body):
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if not any(name.lower() == "content-length" for name in headers):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_PUT = answer

        def log_message(self, *args):
            pass

    return Handler


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bundle", required=True)
    parser.add_argument("--delay", type=float, default=0)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log")
    parser.add_argument("--wire")
    args = parser.parse_args()
    bundle = Bundle(args.bundle)
    catalogue = models.Catalogue()
    server = Server(("127.0.0.1", args.port), handler(bundle, catalogue, args.delay, Log(args.log), Log(args.wire)))
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
