#!/usr/bin/env python3
"""Starts the AWS API MCP server as it is, without the internet.

At its start the server reads https://servicereference.us-east-1.amazonaws.com/, to know more reads than the list it carries. Here a page on
loopback stands for that site: it names the reads of CloudFront that are newer than the server's list, as the site does.
"""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from awslabs.aws_api_mcp_server.core.metadata import read_only_operations_list as operations

NEWER = {
    "cloudfront": [
        "GetConnectionGroup", "GetDistributionTenantByDomain", "GetTrustStore", "GetVpcOrigin", "ListConnectionGroups",
        "ListDistributionTenants", "ListDomainConflicts",
    ],
    "s3": ["GetObject", "ListBucket"],  # the site lists permissions: HeadObject and HeadBucket have none of their own name
}


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        service = self.path.strip("/")
        if service:
            page = {"Actions": [{"Name": name, "Annotations": {"Properties": {"IsWrite": False}}} for name in NEWER[service]]}
        else:
            page = [{"service": name, "url": f"{operations.SERVICE_REFERENCE_URL}{name}"} for name in NEWER]
        body = json.dumps(page).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def main():
    site = HTTPServer(("localhost", 0), Site)
    threading.Thread(target=site.serve_forever, daemon=True).start()
    operations.SERVICE_REFERENCE_URL = f"http://localhost:{site.server_port}/"

    from awslabs.aws_api_mcp_server import server

    server.main()


if __name__ == "__main__":
    main()
