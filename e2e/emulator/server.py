#!/usr/bin/env python3
"""moto's server, with what it leaves out of CloudFront and the tests need. The first line on standard output is the server's URL.

moto keeps a fixed choice of a distribution's members and ignores If-Match. Here a configuration is kept whole, as it was sent, an update has to
name the ETag of the state that it replaces, and functions have the two stages that CloudFront gives them.
"""

import json
import sys
import threading

from moto.cloudfront import models, responses
from moto.cloudfront.exceptions import CloudFrontException, NoSuchDistribution
from moto.core.responses import ActionResult
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.wafv2.responses import WAFV2Response


class PreconditionFailed(CloudFrontException):
    def __init__(self):
        super().__init__("PreconditionFailed", "The request failed because it didn't meet the preconditions in one or more request-header fields.")


class NoSuchFunctionExists(CloudFrontException):
    def __init__(self, name):
        super().__init__("NoSuchFunctionExists", f"The specified function does not exist: {name}")


class NoSuchMonitoringSubscription(CloudFrontException):
    def __init__(self):
        super().__init__("NoSuchMonitoringSubscription", "A monitoring subscription does not exist for the specified distribution.")


class WholeConfig(dict):
    """A configuration as it was sent, with the members that CloudFront always answers with."""

    def __init__(self, config):
        super().__init__(config)
        for name in ("Aliases", "OriginGroups", "CacheBehaviors", "CustomErrorResponses"):
            self.setdefault(name, {"Quantity": 0})
        self.setdefault("ViewerCertificate", {"CloudFrontDefaultCertificate": True, "MinimumProtocolVersion": "TLSv1", "CertificateSource": "cloudfront"})
        self.setdefault("Restrictions", {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}})
        self.setdefault("Logging", {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""})
        for name, value in {"PriceClass": "PriceClass_All", "HttpVersion": "http2", "IsIPV6Enabled": True, "DefaultRootObject": "", "WebACLId": ""}.items():
            self.setdefault(name, value)
        for origin in self["Origins"]["Items"]:
            origin.setdefault("OriginPath", "")
            origin.setdefault("CustomHeaders", {"Quantity": 0})
            origin.setdefault("ConnectionAttempts", 3)
            origin.setdefault("ConnectionTimeout", 10)
            origin.setdefault("OriginShield", {"Enabled": False})

    def __getattr__(self, name):
        if name == "caller_reference":
            name = "CallerReference"
        if name in self:
            return self[name]
        raise AttributeError(name)


models.DistributionConfig = WholeConfig


def update_distribution(self, dist_config, _id, if_match):
    dist = self.distributions.get(_id)
    if dist is None:
        raise NoSuchDistribution
    if if_match != dist.etag:
        raise PreconditionFailed
    dist.distribution_config = WholeConfig(dist_config)
    dist.etag = models.random_id()
    return dist, dist.location, dist.etag


models.CloudFrontBackend.update_distribution = update_distribution


def staged(self, name, stage):
    function = self.backend.describe_function(name)
    if stage == "LIVE" and not hasattr(function, "live"):
        raise NoSuchFunctionExists(name)
    return function


def describe_function(self):
    stage = self._get_param("Stage") or "DEVELOPMENT"
    function = staged(self, self._get_param("Name"), stage)
    summary = dict(function.function_summary)
    summary["FunctionMetadata"] = dict(summary["FunctionMetadata"], Stage=stage)
    return ActionResult({"FunctionSummary": summary, "ETag": function.etag})


def get_function(self):
    stage = self._get_param("Stage") or "DEVELOPMENT"
    function = staged(self, self._get_param("Name"), stage)
    code = function.live if stage == "LIVE" else function.code
    return ActionResult({"FunctionCode": code, "ETag": function.etag, "ContentType": "application/octet-stream"})


def publish_function(self):
    function = staged(self, self._get_param("Name"), "DEVELOPMENT")
    if self._get_param("IfMatch") != function.etag:
        raise PreconditionFailed
    function.live, function.status = function.code, "UNASSOCIATED"
    return ActionResult({"FunctionSummary": function.function_summary})


def update_function(self):
    function = staged(self, self._get_param("Name"), "DEVELOPMENT")
    if self._get_param("IfMatch") != function.etag:
        raise PreconditionFailed
    function.config, function.code = self._get_param("FunctionConfig"), self._get_param("FunctionCode")
    function.etag = models.random_id()
    return ActionResult({"FunctionSummary": function.function_summary, "ETag": function.etag})


SUBSCRIPTIONS = {}


def create_monitoring_subscription(self):
    SUBSCRIPTIONS[self._get_param("DistributionId")] = self._get_param("MonitoringSubscription")
    return ActionResult({"MonitoringSubscription": self._get_param("MonitoringSubscription")})


def get_monitoring_subscription(self):
    found = SUBSCRIPTIONS.get(self._get_param("DistributionId"))
    if found is None:
        raise NoSuchMonitoringSubscription
    return ActionResult({"MonitoringSubscription": found})


def delete_monitoring_subscription(self):
    if SUBSCRIPTIONS.pop(self._get_param("DistributionId"), None) is None:
        raise NoSuchMonitoringSubscription
    return ActionResult({})


for added in (describe_function, get_function, publish_function, update_function, create_monitoring_subscription, get_monitoring_subscription,
              delete_monitoring_subscription):
    setattr(responses.CloudFrontResponse, added.__name__, added)



def get_sampled_requests(self):
    """No requests. Without an answer the AWS SDK tries again for ten seconds."""
    window = json.loads(self.body)["TimeWindow"]
    return 200, {}, json.dumps({"SampledRequests": [], "PopulationSize": 0, "TimeWindow": window})


WAFV2Response.get_sampled_requests = get_sampled_requests

from moto.cloudfront import urls  # noqa: E402 (after the patches)

for path in ("function/(?P<function_name>[^/]+)/publish$", "distributions/(?P<distribution_id>[^/]+)/monitoring-subscription/?$"):
    urls.url_paths["{0}/2020-05-31/" + path] = responses.CloudFrontResponse.dispatch


def main():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    print(f"http://{host}:{port}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
