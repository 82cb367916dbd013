#!/usr/bin/env python3
"""Measures a diagnosis over the wire: an endpoint on loopback answers each call after a delay.

Prints the number of calls, the longest chain of dependent calls, the wall time over chain x delay, and how much longer the same calls take one
after another through the aws program.
"""

import json
import os
import re
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
VENV = os.path.join(ROOT, "e2e", ".venv", "bin")
DELAY = 0.1
CHAIN = 4  # held by TestBusyAccountIsWhole


def main():
    bundle = os.path.join(HERE, "busy.json")
    with open(bundle, encoding="utf-8") as f:
        target = json.load(f)["target"]
    work = os.path.join(HERE, ".work")
    os.makedirs(work, exist_ok=True)
    log = os.path.join(work, "calls.jsonl")
    server = subprocess.Popen(
        [os.path.join(VENV, "python"), os.path.join(ROOT, "e2e", "endpoint", "endpoint.py"), "--bundle", bundle, "--delay", str(DELAY), "--log", log],
        stdout=subprocess.PIPE, text=True)
    try:
        url = server.stdout.readline().strip()
        env = dict(os.environ, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="us-east-1",
                   AWS_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="", AWS_CONFIG_FILE="/dev/null",
                   AWS_SHARED_CREDENTIALS_FILE="/dev/null", PATH=VENV + os.pathsep + os.environ["PATH"])
        program = [os.path.join(ROOT, "bin", "cfdoctor"), "diagnose", target, "-o", "json", "--quiet", "--fail-on", "never"]
        walls = []
        for _ in range(3):
            began = time.monotonic()
            subprocess.run(program, env=env, check=True, stdout=subprocess.DEVNULL)
            walls.append(time.monotonic() - began)
        wall = min(walls)
        with open(log, encoding="utf-8") as f:
            calls = [json.loads(line) for line in f]
        made = len(calls) // 3
        print(f"sdk: {made} calls, longest chain {CHAIN}, wall {wall:.2f} s = {wall / (CHAIN * DELAY):.2f} x (chain x {DELAY} s), best of 3")
        if "--sequential" in sys.argv:
            sequential(calls[:made], env, wall)
    finally:
        server.terminate()


def sequential(calls, env, wall):
    """The same operations one after another by the aws program: a few are timed, for each costs a start of Python, and the rest extrapolated."""
    simple = [c for c in calls if (c["service"], c["operation"]) in {("sts", "GetCallerIdentity"), ("cloudfront", "ListDistributions"), ("logs", "DescribeDeliveries"), ("cloudwatch", "DescribeAlarms")}]
    began = time.monotonic()
    for call in simple:
        service = {"elbv2": "elbv2", "s3": "s3api"}.get(call["service"], call["service"])
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", call["operation"]).lower()
        subprocess.run(["aws", service, name], env=env, check=True, stdout=subprocess.DEVNULL)
    each = (time.monotonic() - began) / len(simple)
    total = each * len(calls)
    print(f"aws program: {each:.2f} s a call ({len(simple)} timed), {len(calls)} calls one after another would take {total:.0f} s: {total / wall:.0f} x as long")


main()
