#!/usr/bin/env python3
"""Measures one diagnosis through each door to the same account: the AWS SDK, an MCP server's call_aws, the aws program.

An endpoint on loopback answers without delay, so that the doors themselves are what takes the time. Prints the wall time of each door (best of 3
through the SDK, one run through the others), the number of calls that the account saw, and the ratio to the SDK. Doors whose programs
e2e/setup.sh has not installed are left out.
"""

import json
import os
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
E2E = os.path.join(ROOT, "e2e")
VENV = os.path.join(E2E, ".venv", "bin")
SERVER = os.path.join(E2E, ".venv-mcp", "bin", "python")


def main():
    bundle = os.path.join(HERE, "busy.json")
    with open(bundle, encoding="utf-8") as f:
        target = json.load(f)["target"]
    with tempfile.TemporaryDirectory() as work:
        log = os.path.join(work, "calls.jsonl")
        endpoint = subprocess.Popen(
            [os.path.join(VENV, "python"), os.path.join(E2E, "endpoint", "endpoint.py"), "--bundle", bundle, "--log", log],
            stdout=subprocess.PIPE, text=True)
        try:
            env = environment(endpoint.stdout.readline().strip(), work)
            run(target, env, log, [])  # the endpoint loads its models
            doors = [("sdk", [], 3), ("mcp", ["--source", "mcp", "--mcp-command", f"'{SERVER}' '{E2E}/mcp_server.py'"], 1), ("cli", ["--source", "cli"], 1)]
            base = None
            for name, args, times in doors:
                if name == "mcp" and not os.path.exists(SERVER):
                    print("mcp: e2e/setup.sh has not installed the AWS API MCP server")
                    continue
                wall, calls = min(run(target, env, log, args) for _ in range(times))
                base = base or wall
                print(f"{name}: {wall:.2f} s, {calls} calls, {wall / base:.1f} x sdk")
        finally:
            endpoint.terminate()


def environment(url, work):
    return dict(
        os.environ, AWS_ENDPOINT_URL=url, AWS_ACCESS_KEY_ID="testing", AWS_SECRET_ACCESS_KEY="testing", AWS_REGION="us-east-1",
        AWS_DEFAULT_REGION="us-east-1", AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE="/dev/null", AWS_SHARED_CREDENTIALS_FILE="/dev/null",
        HOME=work, XDG_RUNTIME_DIR=work, AWS_API_MCP_TELEMETRY="false", FASTMCP_LOG_LEVEL="ERROR",
        # S3 Control and CloudFront KeyValueStore put the account id before the endpoint's host, which no resolver knows then.
        HTTP_PROXY=url, http_proxy=url, NO_PROXY="localhost", no_proxy="localhost",
        PATH=VENV + os.pathsep + os.environ["PATH"])


def run(target, env, log, args):
    """Runs one diagnosis and returns its wall time and the number of calls it made."""
    before = count(log)
    program = [os.path.join(ROOT, "bin", "cfdoctor"), "diagnose", target, "-o", "json", "--quiet", "--fail-on", "never", "--timeout", "15m", *args]
    began = time.monotonic()
    subprocess.run(program, env=env, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began, count(log) - before


def count(log):
    with open(log, encoding="utf-8") as f:
        return sum(1 for _ in f)


main()
