"""Makes signed URLs and cookies with botocore's CloudFrontSigner, from jobs as JSON on standard input, one a line.

A job has url, key_id, pem (a private key, RSA or ECDSA), hash (SHA1 or SHA256), expires (epoch seconds) and, for a custom policy, policy. With
cookies it wants the value of a Cookie header instead of a URL: the same values under the names of the Developer Guide.
"""

import datetime
import json
import sys

from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding


def signer(job):
    key = serialization.load_pem_private_key(job["pem"].encode(), None)
    digest = hashes.SHA256() if job["hash"] == "SHA256" else hashes.SHA1()

    def sign(message):
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(message, ec.ECDSA(digest))
        return key.sign(message, padding.PKCS1v15(), digest)

    return CloudFrontSigner(job["key_id"], sign)


def make(job):
    by = signer(job)
    when = datetime.datetime.fromtimestamp(job["expires"], datetime.timezone.utc)
    if job.get("policy"):
        url = by.generate_presigned_url(job["url"], policy=job["policy"])
    else:
        url = by.generate_presigned_url(job["url"], date_less_than=when)
    if job["hash"] == "SHA256":
        url += "&Hash-Algorithm=SHA256"
    if not job.get("cookies"):
        return url
    pairs = url[len(job["url"]) + 1 :].split("&")
    return "; ".join("CloudFront-" + pair for pair in pairs)


for line in sys.stdin:
    print(make(json.loads(line)))
