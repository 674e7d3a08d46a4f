"""A private authority, one certificate for all servers, and a token: ``python -m rpc.certificates --out FOLDER``.

For an installation that has no authority of its own. The authority's key is not kept: nobody can make another
certificate that these clients would trust. A set that is there already stays, unless it runs out soon or lacks a name.
"""

from __future__ import annotations

import argparse
import ipaddress
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY = "authority.pem"
CERTIFICATE = "certificate.pem"
KEY = "key.pem"
TOKEN = "token"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
VALID_DAYS = 730
RENEW_DAYS = 60


def make(folder: Path, names: Sequence[str], days: int = VALID_DAYS) -> bool:
    """Makes ``authority.pem``, ``certificate.pem``, ``key.pem`` and ``token`` where they are not there or not fit.

    Args:
        folder: where they go; key and token can be read by the owner alone.
        names: host names and addresses that the servers are reached by, besides loopback's.
        days: how long the certificate is valid.

    Returns:
        True where a certificate was made, False where the present one stays. A token that is there always stays.
    """
    wanted = list(dict.fromkeys([*names, *LOOPBACK]))
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / TOKEN).exists():
        _write(folder / TOKEN, secrets.token_urlsafe(32).encode() + b"\n", secret=True)
    if _fit(folder, wanted):
        return False
    not_before = datetime.now(UTC) - timedelta(minutes=5)  # clocks of two hosts differ a little
    not_after = not_before + timedelta(days=days)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "callcenter authority")])
    authority = (
        _certificate(issuer, authority_key.public_key(), issuer, not_before, not_after)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "callcenter")])
    certificate = (
        _certificate(subject, key.public_key(), issuer, not_before, not_after)
        .add_extension(x509.SubjectAlternativeName([_name(name) for name in wanted]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(folder / KEY, private, secret=True)
    _write(folder / AUTHORITY, authority.public_bytes(serialization.Encoding.PEM), secret=False)
    _write(folder / CERTIFICATE, certificate.public_bytes(serialization.Encoding.PEM), secret=False)
    return True


def _fit(folder: Path, wanted: Sequence[str]) -> bool:
    if not all((folder / name).exists() for name in (AUTHORITY, CERTIFICATE, KEY)):
        return False
    certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    remaining = certificate.not_valid_after_utc - datetime.now(UTC)
    return set(map(_name, wanted)) <= set(names) and remaining > timedelta(days=RENEW_DAYS)


def _certificate(
    subject: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    not_before: datetime,
    not_after: datetime,
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=public_key,
        serial_number=x509.random_serial_number(),
        not_valid_before=not_before,
        not_valid_after=not_after,
    )


def _key_usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _write(path: Path, content: bytes, secret: bool) -> None:
    """Puts a file in place whole or not at all."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600 if secret else 0o644)
    part.write_bytes(content)
    part.replace(path)


def main(argv: Sequence[str] | None = None) -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(prog="python -m rpc.certificates", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("--out", type=Path, required=True, help="folder for the four files")
    parser.add_argument("--names", default="", help="host names and addresses of the servers, with commas between")
    parser.add_argument("--days", type=int, default=VALID_DAYS, help="validity (default: %(default)s)")
    options = parser.parse_args(argv)
    names = [name.strip() for name in options.names.split(",") if name.strip()]
    if make(options.out, names, options.days):
        print(f"made a certificate in {options.out}: restart every process that uses the one before")
    else:
        print(f"the certificate in {options.out} stays")


if __name__ == "__main__":
    main()
