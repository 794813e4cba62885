"""Asks PyPI's libraries about what is given as JSON on the standard input, and prints what they say as JSON."""

import base64
import json
import sys

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from standardwebhooks import Webhook, WebhookVerificationError


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def verified(asked):
    try:
        Webhook(asked["secret"]).verify(asked["body"], asked["headers"])
        return True
    except WebhookVerificationError:
        return False


def decrypted(asked):
    key = ec.derive_private_key(int.from_bytes(octets(asked["private_key"]), "big"), ec.SECP256R1())
    plain = http_ece.decrypt(
        octets(asked["body"]), private_key=key, auth_secret=octets(asked["auth"]), version="aes128gcm"
    )
    return plain.decode("utf-8")


asked = json.load(sys.stdin)
json.dump({"webhooks": [verified(one) for one in asked["webhooks"]], "push": decrypted(asked["push"])}, sys.stdout)
