#!/usr/bin/env python3
"""Asks the AWS API MCP server whether call_aws would take commands, without running them: a JSON list of commands on standard input, and on
standard output one JSON object for each that it refuses, with its reason."""

import json
import os
import sys

os.environ.setdefault("AWS_REGION", "us-east-1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "x")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "x")
os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")

os.environ["AWS_API_MCP_WORKING_DIR"] = os.getcwd()  # as the server does when it starts

from loguru import logger  # noqa: E402

logger.remove()

from awslabs.aws_api_mcp_server.core.aws.driver import translate_cli_to_ir  # noqa: E402
from awslabs.aws_api_mcp_server.core.aws.service import validate  # noqa: E402

for command in json.load(sys.stdin):
    try:
        translation = translate_cli_to_ir(command)
        answer = validate(translation)
        reasons = [f.reason for f in (answer.validation_failures or [])] + [str(f) for f in (answer.missing_context_failures or [])]
    except Exception as err:  # the server answers with the error's text
        reasons = [f"{type(err).__name__}: {err}"]
    if reasons:
        print(json.dumps({"command": command, "reasons": [str(r) for r in reasons]}), flush=True)
print(json.dumps({"done": True}), flush=True)
