#!/usr/bin/env python3
"""The aws program, kept warm: it imports everything once, and forks for each command. Starting Python and loading the API models again for every
command takes a second, and the tests run many hundreds of commands.

    awsd.py SOCKET

The program "aws" in this folder hands its arguments, environment, working folder and open files over. With AWSD_ACCOUNT in the environment a
command goes no further than the program's own checks of its parameters: the account in that file answers (account.py).
"""

import array
import gc
import json
import os
import platform
import signal
import socket
import struct
import sys

import awscli.clidriver
import awscli.customizations  # noqa: F401
import botocore.configprovider

# A read of each service that the tests use most, to load its models.
READS = ("acm list-certificates", "cloudfront list-distributions", "cloudwatch describe-alarms", "ec2 describe-vpcs", "elbv2 describe-load-balancers",
         "kms list-keys", "lambda list-functions", "logs describe-log-groups", "route53 list-hosted-zones", "s3api list-buckets", "sts get-caller-identity",
         "wafv2 list-web-acls --scope REGIONAL")

# The statuses with which versions 1 and 2 say that there is no such command or option, or that one is missing or not of its form.
MISUSE = (2, 252)


def warm():
    try:  # version 2 starts the AWS Common Runtime's log with each command, which a process may do once
        import awscrt.io

        awscrt.io.init_logging = lambda *_: None
    except ImportError:
        pass
    driver = awscli.clidriver.create_clidriver()
    # A command through everything, so that what is imported late is there too.
    quiet, keep = os.open(os.devnull, os.O_WRONLY), [os.dup(1), os.dup(2)]
    os.environ.update(AWS_ACCESS_KEY_ID="x", AWS_SECRET_ACCESS_KEY="x", AWS_ENDPOINT_URL="http://127.0.0.1:1", AWS_MAX_ATTEMPTS="1",
                      AWS_DEFAULT_REGION="us-east-1")
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    try:
        for command in READS:
            driver.main(command.split())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(keep[0], 1)
        os.dup2(keep[1], 2)
    fresh = awscli.clidriver.create_clidriver()
    fresh.session.get_component("data_loader")._cache.update(driver.session.get_component("data_loader")._cache)
    fresh._get_command_table()
    gc.collect()
    gc.freeze()
    return fresh


def receive(connection):
    """One message: a length, the JSON, and three files."""
    fds = array.array("i")
    data, ancillary, _, _ = connection.recvmsg(4, socket.CMSG_LEN(3 * fds.itemsize))
    for level, kind, content in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
    size = struct.unpack("!I", data)[0]
    body = b""
    while len(body) < size:
        body += connection.recv(size - len(body))
    return json.loads(body), list(fds)


def serve(connection, driver):
    request, fds = receive(connection)
    for target, fd in enumerate(fds):
        os.dup2(fd, target)
        os.close(fd)
    os.environ.clear()
    os.environ.update(request["env"])
    os.chdir(request["cwd"])
    sys.argv = ["aws"] + request["args"]
    sys.stdin = open(0, encoding="utf-8", closefd=False)
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False)
    if os.environ.get("AWSD_ACCOUNT"):
        import account

        account.answer_from(os.environ["AWSD_ACCOUNT"])
    elif os.environ.get("AWS_ENDPOINT_URL") and not hasattr(botocore.configprovider, "ConfiguredEndpointProvider"):
        request["args"] += ["--endpoint-url", os.environ["AWS_ENDPOINT_URL"]]  # programs before July 2023 do not know the variable
    try:
        status = driver.main(request["args"])
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else 1
    sys.stdout.flush()
    sys.stderr.flush()
    if status in MISUSE and os.environ.get("AWSD_ACCOUNT"):
        account.log({"service": request["args"][0], "operation": request["args"][1], "misused": True})
    return status or 0


def main():
    driver = warm()
    path = sys.argv[1]
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    print(f"aws-cli/{awscli.__version__} Python/{platform.python_version()}", flush=True)
    while True:
        connection, _ = listener.accept()
        if os.fork():
            connection.close()
            continue
        listener.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        status = 255
        try:
            status = serve(connection, driver)
        finally:
            connection.sendall(bytes([status & 255]))
            os._exit(0)


if __name__ == "__main__":
    main()
