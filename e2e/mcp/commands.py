"""Holds commands of the AWS CLI against the CLI's own parser and parameter validation, without calling AWS.

Reads one command a line and prints those that the CLI refuses, with its reason.
"""

import contextlib
import io
import os
import shlex
import sys

from awscli.clidriver import create_clidriver


class Valid(BaseException):
    """Raised where the CLI would send the request."""


def stop(**_):
    raise Valid


def refused(command):
    words = shlex.split(command)
    driver = create_clidriver()
    driver.session.register("before-call", stop)
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            driver.main(words[1:])
    except Valid:
        return None
    except SystemExit:
        pass
    return said.getvalue().strip()[-300:] or "the command sends no request"


os.environ.update(AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="example", AWS_DEFAULT_REGION="us-east-1", AWS_CONFIG_FILE="/dev/null")
for line in sys.stdin:
    if reason := refused(line.strip()):
        print(f"{line.strip()}\n  {reason}")
