"""Makes notifications and certificates as the platform does, without the crate: signatures by the openssl command,
ciphers by Python's `cryptography`, digests by hashlib.

Reads a JSON list of jobs from standard input and writes the list of their results to standard output.
"""

import base64
import datetime
import hashlib
import hmac
import json
import subprocess
import sys
import tempfile
from xml.sax.saxutils import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, padding, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = "c5ac7061fccab6bf3e254dcf98995b8c"


def compact(value):
    """JSON as the platform writes it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sign(key, message):
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(key)
        file.flush()
        command = ["openssl", "dgst", "-sha256", "-sign", file.name]
        signature = subprocess.run(command, input=message, capture_output=True, check=True).stdout
    return base64.b64encode(signature).decode()


def signed_headers(job, body):
    message = f"{job['timestamp']}\n{NONCE}\n{body}\n".encode()
    return [
        ["Wechatpay-Nonce", NONCE],
        ["Wechatpay-Serial", job["serial"]],
        ["Wechatpay-Signature", sign(job["key"], message)],
        ["Wechatpay-Timestamp", str(job["timestamp"])],
    ]


def seal(apiv3_key, plaintext, associated_data):
    nonce = "fdasflkja484"
    sealed = AESGCM(apiv3_key.encode()).encrypt(nonce.encode(), plaintext, associated_data.encode())
    return nonce, base64.b64encode(sealed).decode()


def changed(fields, changes):
    """The fields with some replaced; null takes one away."""
    fields = {**fields, **changes}
    return {name: value for name, value in fields.items() if value is not None}


def apiv3(job):
    plaintext = base64.b64decode(job["plain_base64"]) if "plain_base64" in job else compact(job["plain"]).encode()
    nonce, ciphertext = seal(job["apiv3_key"], plaintext, "transaction")
    resource = {
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": ciphertext,
        "associated_data": "transaction",
        "nonce": nonce,
    }
    envelope = {
        "id": "EV-2018022511223320873",
        "create_time": "2015-05-20T13:29:35+08:00",
        "resource_type": "encrypt-resource",
        "event_type": "TRANSACTION.SUCCESS",
        "summary": "支付成功",
        "resource": changed(resource, job.get("resource", {})),
    }
    body = job.get("body", compact(changed(envelope, job.get("envelope", {}))))
    return {"headers": signed_headers(job, body), "body": body}


def rewrite(job):
    """The ways in which frameworks write a body that they have read."""
    body = job["body"]
    value = json.loads(body)
    php = json.dumps(value, separators=(",", ":")).replace("/", "\\/")
    return {
        "indented": json.dumps(value, ensure_ascii=False, indent=4),
        "spaced": json.dumps(value, ensure_ascii=False),
        "ended": body + "\n",
        "sorted": json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
        "resource sorted": compact({**value, "resource": dict(sorted(value["resource"].items()))}),
        "ascii": json.dumps(value, separators=(",", ":")),
        "slashes": body.replace("/", "\\/"),
        "php": php,
        "php indented": json.dumps(value, indent=4).replace("/", "\\/"),
    }


def apiv2_sign(fields, secret, algorithm):
    pairs = [f"{name}={fields[name]}" for name in sorted(fields) if fields[name] != "" and name != "sign"]
    text = "&".join(pairs + [f"key={secret}"]).encode()
    if algorithm == "MD5":
        return hashlib.md5(text).hexdigest().upper()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest().upper()


def xml(root, fields):
    elements = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields.items())
    return f"<{root}>{elements}</{root}>"


def apiv2(job):
    fields = dict(job["fields"])
    if "req_info" in job:
        key = hashlib.md5(job["secret"].encode()).hexdigest().encode()
        text = job["req_info"] if isinstance(job["req_info"], str) else xml("root", job["req_info"])
        padder = padding.PKCS7(128).padder()
        padded = padder.update(text.encode()) + padder.finalize()
        encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
        fields["req_info"] = base64.b64encode(encryptor.update(padded) + encryptor.finalize()).decode()
    if "algorithm" in job:
        fields["sign"] = apiv2_sign(fields, job["secret"], job["algorithm"])
    return {"body": xml("xml", fields), "fields": fields}


def certificates(job):
    """A certificate of the platform, and for each merchant the answer that hands it out."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Tenpay.com Root CA")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(int(job["serial"], 16))
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    encodings = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    job["key"] = key.private_bytes(*encodings).decode()
    answers = {}
    for mchid, apiv3_key in job["apiv3_keys"].items():
        nonce, ciphertext = seal(apiv3_key, pem, "certificate")
        sealed = {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": "certificate",
            "ciphertext": ciphertext,
        }
        body = compact({"data": [{"serial_no": job["serial"], "encrypt_certificate": sealed}]})
        answers[mchid] = {"headers": signed_headers(job, body), "body": body}
    return {"key": job["key"], "certificate": pem.decode(), "answers": answers}


JOBS = {"apiv3": apiv3, "rewrite": rewrite, "apiv2": apiv2, "certificates": certificates}
json.dump([JOBS[job["job"]](job) for job in json.load(sys.stdin)], sys.stdout)
