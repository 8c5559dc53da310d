# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Wrong proxies and certificates, with real servers on this machine."""

from __future__ import annotations

import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ansible_collections.devex.github.plugins.module_utils._errors import ProxyDenied, Unreachable
from ansible_collections.devex.github.plugins.module_utils._github.pace import Pace
from ansible_collections.devex.github.plugins.module_utils._github.route import authorities_problem, proxy
from ansible_collections.devex.github.plugins.module_utils._github.session import Session
from ansible_collections.devex.github.plugins.module_utils._github.transport import Connection
from ansible_collections.devex.github.tests.unit.plugins.module_utils.fakes import CONNECTION, TOKEN

PATH = "/user/codespaces/secrets"
PASSWORD = "hunter2"

Serve = Callable[[Callable[[socket.socket], Any]], int]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Remove the proxies and trusted authorities of this machine from the environment."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
            monkeypatch.delenv(name)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start a server that handles each connection with a function."""
    listening: list[socket.socket] = []

    def start(handle: Callable[[socket.socket], Any]) -> int:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def accept() -> None:
            while True:
                try:
                    connection, dummy = server.accept()
                except OSError:
                    return
                with closing(connection), suppress(OSError):
                    handle(connection)

        threading.Thread(target=accept, daemon=True).start()
        port: int = server.getsockname()[1]
        return port

    yield start
    for server in listening:
        server.shutdown(socket.SHUT_RDWR)
        server.close()


def answer(status: str, seen: list[str] | None = None) -> Callable[[socket.socket], None]:
    """Return the handler of a proxy that sends this answer to each request."""

    def handle(connection: socket.socket) -> None:
        request = b""
        while b"\r\n\r\n" not in request:
            request += connection.recv(65536)
        if seen is not None:
            seen.append(request.decode())
        connection.sendall(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    return handle


def new_session(**options: Any) -> Session:
    connection = Connection(**{**CONNECTION, "timeout": 5, "retries": 1, **options})
    return Session(connection, pace=lambda: Pace(connection.max_wait, sleep=lambda dummy: None))


def failure(**options: Any) -> tuple[str, int]:
    """Send a request, and return its error and the number of tries."""
    session = new_session(**options)
    with closing(session), pytest.raises((Unreachable, ProxyDenied)) as caught:
        session.client().request("GET", PATH)
    message = str(caught.value)
    assert TOKEN not in message
    assert PASSWORD not in message
    return message, session.calls


# --- proxies ---


def test_a_wrong_password_is_sent_to_a_proxy_once(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    port = serve(answer("407 Proxy Authentication Required", seen))
    monkeypatch.setenv("HTTPS_PROXY", f"http://octo:{PASSWORD}@127.0.0.1:{port}")
    session = new_session(retries=3, token=None)
    for token in (TOKEN, TOKEN, "another"):
        with pytest.raises(ProxyDenied) as caught:
            session.client(token).request("GET", PATH)
    message = str(caught.value)
    shown = f"the proxy http://127.0.0.1:{port} (HTTPS_PROXY) answered 407 Proxy Authentication Required. Set a valid"
    assert message.startswith(f"No connection to api.github.com: {shown}")
    assert PASSWORD not in message
    assert "octo" not in message
    assert (len(seen), session.calls) == (1, 1)
    session.close()


#: The answer of a proxy, the number of tries, and the message.
ANSWERS = [
    ("403 Forbidden by policy", 1, "answered 403 Forbidden by policy. Allow api.github.com in the proxy, or add "),
    ("400 Bad Request", 1, "answered 400 Bad Request. Allow "),
    ("503 Service Unavailable", 2, "failed after 2 tries: the proxy http://127.0.0.1:"),
    ("502", 2, "answered 502."),
    ("429 Too Many Requests", 2, "answered 429 Too Many Requests."),
]


@pytest.mark.parametrize(("status", "calls", "said"), ANSWERS, ids=lambda value: str(value)[:20])
def test_an_answer_of_a_proxy_names_the_proxy_and_its_status(
    status: str, calls: int, said: str, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = serve(answer(status))
    monkeypatch.setenv("https_proxy", f"http://octo:{PASSWORD}@127.0.0.1:{port}")
    message, sent = failure()
    assert said in message
    assert f"the proxy http://127.0.0.1:{port} (https_proxy) answered" in message
    assert sent == calls


@pytest.mark.parametrize("address", [f"http://octo:{PASSWORD}@127.0.0.1:9", "127.0.0.1:9"])
def test_a_proxy_that_does_not_listen_is_named(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    message, sent = failure()
    assert "the proxy http://127.0.0.1:9 (ALL_PROXY) cannot be reached: Connection refused." in message
    assert sent == 2


def test_a_proxy_that_closes_the_connection_is_named(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    port = serve(lambda connection: connection.recv(1))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    assert f"through the proxy http://127.0.0.1:{port} (HTTPS_PROXY)." in failure()[0]


def test_a_proxy_that_does_not_answer_is_named(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()
    port = serve(lambda dummy: done.wait(10))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    message, dummy = failure(timeout=0.2, retries=0)
    done.set()
    assert f"127.0.0.1:{port} (HTTPS_PROXY)" in message


def test_a_proxy_without_tls_is_named(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    def handle(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    port = serve(handle)
    monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{port}")
    message, sent = failure()
    assert "write http:// in HTTPS_PROXY" in message
    assert sent == 1


@pytest.mark.parametrize(
    "address",
    [
        "http://:3128",
        "http://",
        "foo://proxy:1",
        "http://proxy:port",
        "http://proxy:99999",
        "http://[::1",
        "http://a b:1",
        "http:127.0.0.1:9",
        f"octo:{PASSWORD}@127.0.0.1:9",
        f"http://octo:{PASSWORD}#1@127.0.0.1:9",
        f"http://octo:{PASSWORD}/1@127.0.0.1:9",
        "http://" + "a" * 70 + ":1",
    ],
)
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_malformed_proxy_variable_is_named(variable: str, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, address)
    message, sent = failure()
    assert message == f"{variable}: the address of the proxy is malformed. Write it as http://HOST:PORT."
    assert sent == 1


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://proxy:3128", "the proxy http://proxy:3128 (HTTPS_PROXY)"),
        ("proxy:3128", "the proxy http://proxy:3128 (HTTPS_PROXY)"),
        ("HTTP://Proxy.example/", "the proxy HTTP://Proxy.example (HTTPS_PROXY)"),
        ("socks5h://octo:hunter2@[::1]:1080", "the proxy socks5h://[::1]:1080 (HTTPS_PROXY)"),
        ("http://octo:hun@ter2@proxy", "the proxy http://proxy (HTTPS_PROXY)"),
        # Any part of these URLs may be a password.
        ("http://octo:1234/hunter2@proxy:1", "the proxy in HTTPS_PROXY"),
        ("http://octo:1234?hunter2@proxy:1", "the proxy in HTTPS_PROXY"),
        ("http://octo:1234#hunter2@proxy:1", "the proxy in HTTPS_PROXY"),
        ("http://proxy:1/hunter2", "the proxy in HTTPS_PROXY"),
    ],
)
def test_a_proxy_is_shown_without_its_password(url: str, shown: str) -> None:
    assert str(proxy(url, {"HTTPS_PROXY": url, "HTTP_PROXY": url, "NO_PROXY": "x"})) == shown
    assert "hunter2" not in repr(proxy(url, {}))


def test_all_variables_that_set_a_proxy_are_named() -> None:
    both = proxy("http://p", {"HTTPS_PROXY": "http://p", "https_proxy": "http://p", "ALL_PROXY": "http://other"})
    assert both.setting == "HTTPS_PROXY and https_proxy"
    assert proxy("http://p", {}).setting == "the proxy settings of the system"


# --- certificates ---


def now() -> datetime:
    return datetime.now(timezone.utc)


class Authority:
    """An authority, with a directory for the certificates that it issues."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test authority")])
        self.path = directory / "authority.pem"
        self.path.write_bytes(self._pem(self._sign(self._name, self._key, now() + timedelta(days=1), None)))

    def issue(self, *, days: int = 1, host: str = "127.0.0.1") -> ssl.SSLContext:
        """Issue a certificate that is valid from or until so many days from now, and return the context of a server."""
        key = ec.generate_private_key(ec.SECP256R1())
        signed = self._sign(x509.Name([]), key, now() + timedelta(days=days), host)
        path = self._directory / "server.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(self._pem(signed) + private)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _sign(self, name: x509.Name, key: Any, until: datetime, host: str | None) -> x509.Certificate:
        names: list[x509.GeneralName] = []
        if host is not None:
            address = host.replace(".", "").isdecimal()
            names = [x509.IPAddress(ipaddress.ip_address(host)) if address else x509.DNSName(host)]
        issuer = self._key.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - timedelta(days=2))
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names or [x509.DNSName("authority")]), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
            .add_extension(_key_usage(), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @staticmethod
    def _pem(certificate: x509.Certificate) -> bytes:
        return certificate.public_bytes(serialization.Encoding.PEM)


def _key_usage() -> x509.KeyUsage:
    usage = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
    )
    return x509.KeyUsage(digital_signature=True, key_cert_sign=True, crl_sign=True, decipher_only=False, **usage)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def tls(context: ssl.SSLContext) -> Callable[[socket.socket], None]:
    """Answer like GitHub, over TLS."""

    def handle(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as encrypted:
            encrypted.recv(65536)
            encrypted.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")

    return handle


#: The options of the certificate, whether ca_path is set, and the message.
CERTIFICATES: list[tuple[dict[str, Any], bool, str]] = [
    ({"days": -1}, True, "has expired. Renew it, or correct the clock of this machine."),
    ({"days": 3}, True, "is not valid yet. Correct the clock of this machine."),
    ({"host": "github.example"}, True, "is for another host (IP address mismatch"),
    ({"host": "10.0.0.1"}, True, "is for another host (IP address mismatch"),
    ({}, False, "is not from a trusted authority (unable to get local issuer certificate). Set ca_path to"),
]


@pytest.mark.parametrize(("issued", "with_ca_path", "said"), CERTIFICATES, ids=lambda value: str(value)[:30])
def test_the_error_of_a_bad_certificate_has_the_reason(
    issued: dict[str, Any], with_ca_path: bool, said: str, serve: Serve, authority: Authority
) -> None:
    port = serve(tls(authority.issue(**issued)))
    url = f"https://127.0.0.1:{port}"
    message, sent = failure(api_url=url, verify=str(authority.path) if with_ca_path else True)
    assert message.startswith(f"The certificate of {url} {said}")
    assert ("ca_path" in message) is not with_ca_path
    assert sent == 1


def test_the_error_names_ca_path_if_the_authority_is_not_in_it(
    serve: Serve, authority: Authority, tmp_path: Path
) -> None:
    port = serve(tls(authority.issue()))
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other").path
    message, sent = failure(api_url=f"https://127.0.0.1:{port}", verify=str(other))
    assert f"Add the certificate of the authority that issued it to ca_path ('{other}')." in message
    assert "Set ca_path" not in message
    assert sent == 1


def test_a_good_certificate_is_accepted(serve: Serve, authority: Authority) -> None:
    port = serve(tls(authority.issue()))
    with closing(new_session(api_url=f"https://127.0.0.1:{port}", verify=str(authority.path))) as session:
        assert session.client().request("GET", PATH).body == {}


def test_a_bad_certificate_of_a_proxy_names_the_proxy(
    serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = serve(tls(authority.issue()))
    monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{port}")
    message, sent = failure()
    assert message.startswith(
        f"The certificate of the proxy https://127.0.0.1:{port} (HTTPS_PROXY) is not from a trusted"
    )
    assert sent == 1


def test_a_certificate_behind_a_proxy_names_the_proxy(
    serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspect = tls(authority.issue(host="api.github.com"))

    def handle(connection: socket.socket) -> None:
        answer("200 Connection established")(connection)
        inspect(connection)

    port = serve(handle)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
    shown = f"https://api.github.com, through the proxy http://127.0.0.1:{port} (HTTPS_PROXY),"
    assert failure()[0].startswith(f"The certificate of {shown} is not from a trusted authority")
    with closing(new_session(verify=str(authority.path))) as session:
        assert session.client().request("GET", PATH).body == {}


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize("content", [b"", b"\x30\x82\xff\x00", None], ids=["empty", "binary", "missing"])
def test_a_variable_without_certificates_is_named(
    variable: str, content: bytes | None, serve: Serve, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = serve(tls(authority.issue()))
    bundle = authority.path.parent / "bundle.pem"
    if content is not None:
        bundle.write_bytes(content)
    monkeypatch.setenv(variable, str(bundle))
    message, sent = failure(api_url=f"https://127.0.0.1:{port}")
    assert message.startswith(f"{variable}: '{bundle}' ")
    assert sent == 1


def test_a_broken_handshake_is_tried_again(serve: Serve) -> None:
    port = serve(lambda connection: connection.recv(1))
    message, sent = failure(api_url=f"https://127.0.0.1:{port}")
    assert "failed after 2 tries" in message
    assert sent == 2


def test_authorities_are_read_from_files_and_hashed_directories(authority: Authority, tmp_path: Path) -> None:
    assert authorities_problem(str(authority.path)) is None
    directory = tmp_path / "hashed"
    directory.mkdir()
    (directory / "2e5ac55d.0").write_bytes(authority.path.read_bytes())
    assert authorities_problem(str(directory)) is None


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "contains no certificate in PEM format"),
        (b"\x30\x82\x01\x00", "contains no certificate in PEM format"),
        (b"-----BEGIN CERTIFICATE-----\nhalf", "contains no certificate in PEM format"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "contains no certificate in PEM format"),
        (None, "is a directory without files such as 2e5ac55d.0"),
    ],
)
def test_a_path_without_a_certificate_is_rejected(content: bytes | None, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "authorities"
    if content is None:
        path.mkdir()
        (path / "authority.pem").write_bytes(b"")
    else:
        path.write_bytes(content)
    assert str(authorities_problem(str(path))).startswith(problem)


def test_a_certificate_in_der_format_is_rejected(authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "authority.der"
    path.write_bytes(ssl.PEM_cert_to_DER_cert(authority.path.read_text(encoding="utf-8")))
    assert authorities_problem(str(path)) == "contains no certificate in PEM format"


def test_a_pipe_is_rejected_without_waiting_for_it(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert authorities_problem(str(path)) == "is neither a file nor a directory"
    assert authorities_problem(str(tmp_path / "missing")) == "does not exist"
