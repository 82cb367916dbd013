#!/usr/bin/env python3
"""Copies as much of the AWS provider's sources as our resources need: the whole takes an hour to build, this a minute.

    cut.py PROVIDER_SOURCES FOLDER

The generated lists of services are cut to those of our resources, whose own code and schemas stay as they are.
"""

import pathlib
import re
import shutil
import sys

# The service packages that define the resources of our file, and the clients of the AWS SDK that these and the provider itself ask for.
PACKAGES = ("cloudfront", "cloudwatch", "logs")
CLIENTS = ("CloudFront", "CloudWatch", "Logs", "S3")


def clients(text):
    """internal/conns/awsclient_gen.go with the methods of CLIENTS alone."""
    head, *methods = re.split(r"(?m)^(?=func )", text)
    kept = [m for m in methods if re.match(r"func \(c \*AWSClient\) (%s)Client\(" % "|".join(CLIENTS), m)]
    if len(kept) != len(CLIENTS):
        sys.exit("cut.py: the provider has %d of the clients %s" % (len(kept), ", ".join(CLIENTS)))
    used = set(re.findall(r"\*(\w+)\.Client\b", "".join(kept)))

    def wanted(line):
        path = re.search(r'"github.com/aws/aws-sdk-go-v2/service/(\w+)"', line)
        return path is None or (line.split()[0] if not line.strip().startswith('"') else path.group(1)) in used

    return "".join(filter(wanted, head.splitlines(True))) + "".join(kept)


def packages(text):
    """internal/provider/sdkv2/service_packages_gen.go with PACKAGES alone."""

    def wanted(line):
        name = re.search(r'/internal/service/(\w+)"|^\t\t(\w+)\.ServicePackage\(', line)
        return name is None or (name.group(1) or name.group(2)) in PACKAGES

    return "".join(filter(wanted, text.splitlines(True)))


def ignored(folder, names):
    """What is not copied: the other services, and tests."""
    here = pathlib.Path(folder)
    if here.name == "service" and here.parent.name == "internal":
        return [n for n in names if n not in PACKAGES and not n.endswith(".hcl")]
    return [n for n in names if n.endswith("_test.go") or n in ("testdata", "test-fixtures")]


def main():
    source, folder = map(pathlib.Path, sys.argv[1:])
    for part in ("internal", "names", "version"):
        shutil.copytree(source / part, folder / part, ignore=ignored, copy_function=shutil.copyfile)
    for part in ("go.mod", "go.sum", "main.go"):
        shutil.copyfile(source / part, folder / part)
    for name, cut in (("internal/conns/awsclient_gen.go", clients), ("internal/provider/sdkv2/service_packages_gen.go", packages)):
        (folder / name).write_text(cut((source / name).read_text()))


if __name__ == "__main__":
    main()
