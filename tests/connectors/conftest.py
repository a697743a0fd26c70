"""A server on this computer, plain or with TLS, and a transport that waits for nothing."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from threading import Event

import pytest

from app.connectors.http import HttpTransport, Limits
from tests.connectors.http_server import NOW, Server, plain, serving


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server()) as running:
        yield running


class Patience:
    """Waits for nothing, and remembers how long it would have."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    def __call__(self, cancel: Event, seconds: float) -> bool:
        self.pauses.append(seconds)
        return cancel.is_set()


@pytest.fixture
def patience() -> Patience:
    return Patience()


@pytest.fixture
def transport(server: Server, patience: Patience) -> Iterator[HttpTransport]:
    limits = Limits(connect=5, silence=5, attempts=3)
    made = HttpTransport(limits, clock=lambda: NOW, random=Random(1), wait=patience)
    yield made
    made.close()


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for localhost that this computer does not know, made for the test."""
    x509 = pytest.importorskip("cryptography.x509")
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(list(map(x509.DNSName, ["localhost", "sis.example"]))),
            False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path / "localhost.pem"
    path.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def secure(certificate: Path) -> Iterator[Server]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server) as running:
        running.routes["*"] = plain(200, b"safe")
        yield running
