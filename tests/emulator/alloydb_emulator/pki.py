# SPDX-License-Identifier: Apache-2.0
"""Keys and certificates: one authority a cluster, the fronts' certificates, the clients' ephemeral ones, and the API's own."""
import collections
import datetime
import functools
import ipaddress
import threading

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from .clock import Clock

LONG = datetime.timedelta(days=30)
MAX_ISSUED = 100000
# What the HTTPS endpoints answer for besides themselves, when they are reached as a forward proxy.
GOOGLE_NAMES = ("localhost", "metadata.google.internal", "*.googleapis.com", "*.mtls.googleapis.com")


def google_names(universe: str) -> list[str]:
    return [*GOOGLE_NAMES] + ([f"*.{universe}"] if universe != "googleapis.com" else [])


class PublicKeyError(ValueError):
    """The public key of a request cannot be used; the text is for the client."""


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def new_fast_key() -> ec.EllipticCurvePrivateKey:
    """For what need not be RSA: making an RSA key takes a tenth of a second. So chains here have keys of both kinds."""
    return ec.generate_private_key(ec.SECP256R1())


def key_pem(key) -> str:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()


def public_pem(key) -> str:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def pem(certificate: x509.Certificate) -> str:
    """PEM that ends in a newline, so that certificates can be put behind one another."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def valid_at(certificate: x509.Certificate, now: datetime.datetime) -> bool:
    """Whether it has begun and not ended. (Newer releases of cryptography warn of times without a zone, which are all that older ones have.)"""
    begins, ends = (getattr(certificate, name + "_utc", None) or getattr(certificate, name).replace(tzinfo=datetime.timezone.utc)
                    for name in ("not_valid_before", "not_valid_after"))
    return begins <= now <= ends


def load_public_key(text: str) -> rsa.RSAPublicKey:
    """A client's key as SPKI ("PUBLIC KEY") or PKCS#1 ("RSA PUBLIC KEY")."""
    if not text.strip():
        raise PublicKeyError("public_key must be set")
    if "-----BEGIN PUBLIC KEY-----" not in text and "-----BEGIN RSA PUBLIC KEY-----" not in text:
        raise PublicKeyError("public_key must be PEM with the label PUBLIC KEY or RSA PUBLIC KEY")
    try:
        key = serialization.load_pem_public_key(text.encode())
    except (ValueError, TypeError) as error:
        raise PublicKeyError(f"public_key cannot be parsed: {error}") from None
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < 2048:
        raise PublicKeyError("public_key must be an RSA key of 2048 bits or more")
    return key


def name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])


class Authority:
    """A certificate authority. Signing is thread-safe."""

    def __init__(self, common: str, clock: Clock, parent: "Authority | None" = None, key=None) -> None:
        self.clock = clock
        self.key = key or new_key()
        self.subject = name(common)
        issuer = parent or self
        now = clock.now()
        self.certificate = (
            x509.CertificateBuilder().subject_name(self.subject).issuer_name(issuer.subject).public_key(self.key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now - LONG).not_valid_after(now + 365 * LONG)
            .add_extension(x509.BasicConstraints(True, None), True)
            .add_extension(x509.KeyUsage(True, False, False, False, False, True, True, False, False), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False)
            .sign(issuer.key, hashes.SHA256()))

    def sign(self, common: str, key, usage, starts: datetime.datetime, ends: datetime.datetime,
             sans: list[x509.GeneralName] | None = None) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder().subject_name(name(common)).issuer_name(self.subject).public_key(key)
            .serial_number(x509.random_serial_number()).not_valid_before(min(starts, ends - datetime.timedelta(seconds=1)))
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(x509.KeyUsage(True, False, True, False, False, False, False, False, False), True)
            .add_extension(x509.ExtendedKeyUsage([usage]), False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False))
        if sans:
            builder = builder.add_extension(x509.SubjectAlternativeName(sans), False)
        return builder.sign(self.key, hashes.SHA256())

    def server(self, common: str, key, sans: list[x509.GeneralName], starts_in: float = -3600,
               lifetime: float = LONG.total_seconds()) -> x509.Certificate:
        now = self.clock.now()
        return self.sign(common, key.public_key(), ExtendedKeyUsageOID.SERVER_AUTH, now + datetime.timedelta(seconds=starts_in),
                         now + datetime.timedelta(seconds=lifetime), sans)


def san(addresses: list[str], names: list[str]) -> list[x509.GeneralName]:
    return [x509.IPAddress(ipaddress.ip_address(a)) for a in dict.fromkeys(addresses)] + [x509.DNSName(n) for n in dict.fromkeys(names)]


class ClusterPki:
    """One cluster's root, and the intermediate that signs its clients."""

    def __init__(self, cluster: str, clock: Clock) -> None:
        short = cluster.rpartition("/")[2]
        self.clock = clock
        self.root = Authority(f"{short} root.alloydb", clock)
        self.client_authority = Authority(f"{short} client.alloydb", clock, self.root, new_fast_key())

    def client_certificate(self, key: rsa.RSAPublicKey, lifetime: float, starts_in: float = -60, signer: Authority | None = None) -> x509.Certificate:
        """A client's leaf; `lifetime` counts from now, and may be negative."""
        now = self.clock.now()
        return (signer or self.client_authority).sign("alloydb client", key, ExtendedKeyUsageOID.CLIENT_AUTH,
                                                      now + datetime.timedelta(seconds=starts_in), now + datetime.timedelta(seconds=lifetime))

    def chain(self, leaf: x509.Certificate) -> list[str]:
        """As the API gives it: leaf, intermediate, root."""
        return [pem(leaf), pem(self.client_authority.certificate), pem(self.root.certificate)]


class Pki:
    """All of it. Keys are made once at the start."""

    def __init__(self, clusters: list[str], clock: Clock) -> None:
        self.clusters = {cluster: ClusterPki(cluster, clock) for cluster in dict.fromkeys(clusters)}
        self.api = Authority("AlloyDB emulator API authority", clock, key=new_fast_key())
        self.clock = clock
        self._lock = threading.Lock()
        self._uses_exchange: collections.OrderedDict[int, bool] = collections.OrderedDict()

    @functools.cached_property
    def stranger(self) -> Authority:
        """An authority that nobody trusts, for faults."""
        return Authority("stranger", self.clock)

    @functools.cached_property
    def other_key(self) -> rsa.RSAPrivateKey:
        """A key that is not the client's, for faults."""
        return new_key()

    def remember(self, leaf: x509.Certificate, uses_exchange: bool) -> None:
        """Whether the connections of this certificate begin with the metadata exchange."""
        with self._lock:
            self._uses_exchange[leaf.serial_number] = uses_exchange
            while len(self._uses_exchange) > MAX_ISSUED:
                self._uses_exchange.popitem(last=False)

    def uses_exchange(self, serial: int) -> bool:
        with self._lock:
            return self._uses_exchange.get(serial, True)

    def issued(self) -> int:
        with self._lock:
            return len(self._uses_exchange)
