#!/usr/bin/env python3
"""Measures a diagnosis over the wire: an endpoint on loopback answers each call after a delay.

Prints the number of calls, the longest chain of dependent calls, the wall time over chain x delay, and how much longer the same calls take one
after another through the aws program.
"""

import contextlib
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
    wire, log = os.path.join(work, "wire.jsonl"), os.path.join(work, "calls.jsonl")
    program = [os.path.join(ROOT, "bin", "cfdoctor"), "diagnose", target, "-o", "json", "--quiet", "--fail-on", "never"]

    # What goes over the wire is recorded once; the run that counts is answered by a server that has nothing to work out.
    endpoint = [os.path.join(VENV, "python"), os.path.join(ROOT, "e2e", "endpoint", "endpoint.py"), "--bundle", bundle]
    with served(endpoint + ["--wire", wire, "--log", log]) as url:
        first = subprocess.run(program, env=environment(url), check=True, stdout=subprocess.PIPE).stdout
    with open(log, encoding="utf-8") as f:
        calls = [json.loads(line) for line in f]

    replay = os.path.join(work, "replay")
    subprocess.run(["go", "build", "-o", replay, "./bench/replay"], cwd=ROOT, check=True)
    with served([replay, "-wire", wire, "-delay", f"{DELAY}s"]) as url:
        walls = []
        for _ in range(5):
            began = time.monotonic()
            again = subprocess.run(program, env=environment(url), check=True, stdout=subprocess.PIPE).stdout
            walls.append(time.monotonic() - began)
            if findings(again) != findings(first):
                sys.exit("bench: the replayed account gives another diagnosis than the recorded one")
    wall = min(walls)
    print(f"sdk: {len(calls)} calls, longest chain {CHAIN}, wall {wall:.2f} s = {wall / (CHAIN * DELAY):.2f} x (chain x {DELAY} s), best of 5")
    if "--sequential" in sys.argv:
        with served(endpoint + ["--delay", str(DELAY)]) as url:
            sequential(calls, environment(url), wall)


@contextlib.contextmanager
def served(command):
    """Runs a server that prints its URL first."""
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield server.stdout.readline().strip()
    finally:
        server.terminate()
        server.wait()


def environment(url):
    return dict(os.environ, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_DEFAULT_REGION="us-east-1",
                AWS_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", AWS_PAGER="", AWS_CONFIG_FILE="/dev/null",
                AWS_SHARED_CREDENTIALS_FILE="/dev/null", PATH=VENV + os.pathsep + os.environ["PATH"])


def findings(report):
    """What must be the same in each run: the diagnosis without its clock."""
    r = json.loads(report)
    return [(f["cause"], f["likelihood"], f["resource"]) for f in r["findings"] + r["proactive"]], r["trace"]["outcome"], r["not_checked"]


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
