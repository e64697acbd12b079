"""Who is who in a federation: an authority's certificate, and one for the server and each client, X.509 with Ed25519 keys (RFC 8410).

    pixelmind adapt federated keys --out KEYS --server 127.0.0.1 --client anna --client ben

The same certificates open the TLS connections (each side shows one) and sign the keys of every round, so that a server cannot put clients
of its own making among a client's neighbours (Bonawitz et al. 2017, sec. 6.2): that holds as long as it does not have the authority's key.
A certificate is valid from 2000 on for decades, so that a clock that is wrong keeps nobody out.
"""

from __future__ import annotations

import ipaddress
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pixelmind.adaptation.adapters import NAME
from pixelmind.adaptation.federated.messages import Keys, Refused
from pixelmind.errors import BadInput

Role = Literal["server", "client"]
USAGE = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}
AUTHORITY = "authority.pem"
BEGINS, ENDS = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
SIGNATURE_BYTES = 64


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One file: a private key, its certificate, and the authority's certificate."""

    path: Path
    name: str
    role: Role
    key: Ed25519PrivateKey
    certificate: x509.Certificate
    authority: x509.Certificate

    @classmethod
    def load(cls, path: Path, role: Role) -> Identity:
        """Read an identity.

        Raises:
            BadInput: not there, not whole, or of the other role.
        """
        try:
            data = path.read_bytes()
            key = serialization.load_pem_private_key(data, None)
            own, authority = x509.load_pem_x509_certificates(data)
        except OSError as error:
            raise BadInput(f"cannot read the identity {path}: {error.strerror or error}") from error
        except (ValueError, TypeError) as error:
            raise BadInput(f"{path} is no identity; make one with: pixelmind adapt federated keys") from error
        try:
            name, public = checked(own, authority, role)
        except Refused as error:
            raise BadInput(f"{path} is no identity of a {role}: {error}") from error
        assert isinstance(key, Ed25519PrivateKey)
        if key.public_key().public_bytes_raw() != public.public_bytes_raw():
            raise BadInput(f"{path}: its key and its certificate do not belong together")
        return cls(path=path, name=name, role=role, key=key, certificate=own, authority=authority)

    def tls(self) -> ssl.SSLContext:
        """TLS 1.3 where both sides show a certificate of this authority, the other one of the other role."""
        protocol = ssl.PROTOCOL_TLS_SERVER if self.role == "server" else ssl.PROTOCOL_TLS_CLIENT
        context = ssl.SSLContext(protocol)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=_pem(self.authority).decode())
        context.load_cert_chain(self.path)
        return context

    @property
    def der(self) -> bytes:
        """The certificate as bytes."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def sign(self, round_: str, mask_key: bytes, seal_key: bytes) -> bytes:
        """64 bytes that say: these are this client's keys of this round."""
        return self.key.sign(_signed(round_, self.name, mask_key + seal_key))

    def verify(self, round_: str, name: str, keys: bytes, proof: bytes) -> None:
        """Check somebody's keys (mask key, then seal key) by `proof`: signature, then certificate.

        Raises:
            Refused: no certificate of this authority, of somebody else or a server, or not signed by it for this round.
        """
        try:
            certificate = x509.load_der_x509_certificate(proof[SIGNATURE_BYTES:])
            owner, public = checked(certificate, self.authority, "client")
            public.verify(proof[:SIGNATURE_BYTES], _signed(round_, name, keys))
        except (ValueError, InvalidSignature) as error:
            raise Refused(f"the keys of {name!r} are not signed by a client of this federation") from error
        if owner != name:
            raise Refused(f"the keys of {name!r} are signed by {owner!r}")

    def check_keys(self, message: Keys) -> None:
        """`verify` for a message, as the server asks it before it passes keys on.

        Raises:
            Refused: see there.
        """
        self.verify(message.round, message.peer, message.mask_key + message.seal_key, message.proof)


def checked(certificate: x509.Certificate, authority: x509.Certificate, role: Role) -> tuple[str, Ed25519PublicKey]:
    """Name and public key of a certificate.

    Raises:
        Refused: not issued by this authority, or for another role.
    """
    try:
        certificate.verify_directly_issued_by(authority)
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        public = certificate.public_key()
        name = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    except (InvalidSignature, ValueError, TypeError, IndexError, x509.ExtensionNotFound) as error:
        raise Refused("a certificate of another authority") from error
    if USAGE[role] not in usage or not isinstance(public, Ed25519PublicKey) or not isinstance(name, str):
        raise Refused(f"a certificate that is not a {role}'s")
    return name, public


def make_keys(folder: Path, servers: Sequence[str], clients: Sequence[str]) -> list[Path]:
    """Write the identities asked for into a folder: server.pem, good for these host names and addresses, and NAME.pem for each client. The
    authority (authority.pem) is made where there is none.

    Raises:
        BadInput: a file is there already, or a name that cannot be; nothing is written then.
    """
    files = [folder / "server.pem"] * bool(servers) + [folder / f"{name}.pem" for name in clients]
    for name in clients:
        if not NAME.fullmatch(name) or name in ("server", "authority") or list(clients).count(name) > 1:
            raise BadInput(f"{name!r} cannot name a client; use small letters, digits, - and _, each name once")
    for path in files:
        if path.exists():
            raise BadInput(f"{path} is there already; a second identity of one name would be somebody else's")
    at = folder / AUTHORITY
    if at.exists():
        try:
            data = at.read_bytes()
            key, (authority,) = serialization.load_pem_private_key(data, None), x509.load_pem_x509_certificates(data)
            assert isinstance(key, Ed25519PrivateKey)
        except (OSError, ValueError, TypeError, AssertionError) as error:
            raise BadInput(f"{at} is no authority; choose another folder with --out") from error
    else:
        key = Ed25519PrivateKey.generate()
        authority = _certificate(key, key, "pixelmind federation", None, None, ())
        _write(at, _private(key) + _pem(authority))
    for path in files:
        role: Role = "server" if path.name == "server.pem" else "client"
        own = Ed25519PrivateKey.generate()
        issued = _certificate(own, key, path.stem, authority, role, servers if role == "server" else ())
        _write(path, _private(own) + _pem(issued) + _pem(authority))
    return files


def _certificate(
    own: Ed25519PrivateKey,
    issuer_key: Ed25519PrivateKey,
    name: str,
    issuer: x509.Certificate | None,
    role: Role | None,
    hosts: Sequence[str],
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    of = issuer_key.public_key()
    signs = {"key_cert_sign": role is None, "crl_sign": role is None, "digital_signature": role is not None}
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(ENDS)
        .add_extension(x509.BasicConstraints(ca=role is None, path_length=0 if role is None else None), critical=True)
        .add_extension(x509.KeyUsage(**_NO_USAGE | signs), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(of), critical=False)
    )
    if role is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([USAGE[role]]), critical=False)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_host(h) for h in hosts]), critical=False)
    return builder.sign(issuer_key, None)


_NO_USAGE = dict.fromkeys(
    (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    ),
    False,
)


def _host(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError as error:
        raise BadInput(f"--server {name!r} is no host name or address") from error


def _signed(round_: str, name: str, keys: bytes) -> bytes:
    return f"pixelmind federated keys {round_} {name!r} ".encode() + keys


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _private(key: Ed25519PrivateKey) -> bytes:
    none = serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
