# Copyright (c) 2026 The devex.github developers
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Send a request, with an answer bounded in time and size. Only this file imports requests."""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
import traceback
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, InvalidStateError
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ansible_collections.devex.github.plugins.module_utils._errors import ProxyDenied, Unusable
from ansible_collections.devex.github.plugins.module_utils._github import route
from ansible_collections.devex.github.plugins.module_utils._threads import without_signals
from ansible_collections.devex.github.plugins.module_utils._validation import printable, quoted

REQUESTS_IMPORT_ERROR: str | None = None
try:
    import requests
    import urllib3.exceptions

    # The rest of a removed installation, an empty directory, can be imported, too.
    _NEEDED = (requests.Session, requests.RequestException, requests.structures, urllib3.exceptions.HTTPError)
except Exception:
    # A broken installation can raise any exception.
    REQUESTS_IMPORT_ERROR = traceback.format_exc()

if TYPE_CHECKING:
    from requests.adapters import BaseAdapter

_USER_AGENT = "devex.github (Ansible collection)"
#: The statuses of success. Others below 300, such as 202, do not confirm that the request was carried out.
_DONE = {"GET": {200}, "POST": {200, 201}, "PUT": {201, 204}, "DELETE": {204}}
# A server that can be reached accepts a connection within a second or two.
_CONNECT_SECONDS = 10.0
# A page of a hundred repositories has less than 1 MiB. Parsed JSON may take forty times as much memory.
_BODY_BYTES = 3 * 1024 * 1024
_READ_BYTES = 65536
_HEADER_LENGTH = 4096
# The variables that requests reads for trusted authorities, in its order.
_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_PROXY_AUTHENTICATION_REQUIRED = 407
# Statuses of a proxy after which another try may succeed.
_PROXY_TRIES_AGAIN = frozenset({408, 425, 429})


@dataclass(frozen=True)
class App:
    """A GitHub App, which gets tokens of its installations."""

    id: int
    #: In PEM format.
    private_key: str = field(repr=False)
    #: None: each owner's is looked up.
    installation_id: int | None = None


@dataclass(frozen=True)
class Connection:
    """The options of the connection to GitHub."""

    #: None: there is an App, or each target has its own token.
    token: str | None = field(repr=False)
    api_url: str
    api_version: str
    #: Seconds for one request, to the end of its answer.
    timeout: float
    #: Tries of one request after the first.
    retries: int
    #: Total seconds to wait for rate limits.
    max_wait: float
    #: Whether certificates are verified, or the path of the trusted authorities.
    verify: bool | str
    #: None: there is a token.
    app: App | None = None


@dataclass(frozen=True)
class Answer:
    """An answer of GitHub."""

    status: int
    #: Printable, with names in any case.
    headers: Mapping[str, str]
    #: The parsed JSON; None: no body, or one that is not JSON, with a status of 300 or more.
    body: Any
    next_url: str | None = None
    #: Whether it came after a redirect.
    moved: bool = False


class Fault(Exception):
    """An error that is worth another try. The text starts in lower case."""

    def __init__(self, text: str, *, sent: bool = True, answered: bool = True) -> None:
        """:arg sent: whether the request may have reached GitHub.
        :arg answered: whether an answer came, even an invalid one.
        """
        super().__init__(text)
        self.sent = sent
        self.answered = answered


class Transport:
    """Sends requests over persistent connections. Safe for any number of threads."""

    def __init__(self, connection: Connection, adapter: BaseAdapter | None = None) -> None:
        """:arg adapter: of requests, instead of the network."""
        if connection.verify is False:
            # The user has turned it off. In its worker process, Ansible would complain about the line of output.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        self._connection = connection
        self._adapter = adapter
        self._idle: deque[requests.Session] = deque()
        self._lock = threading.Lock()
        #: Set once a proxy has rejected the credentials.
        self._denied: ProxyDenied | None = None
        #: The answers that threads wait for.
        self._pending: set[Future[Answer]] = set()
        self._abandoned = False
        #: Requests sent.
        self.calls = 0

    def close(self) -> None:
        """Close all connections."""
        while self._idle:
            self._idle.pop().close()

    def exchange(self, method: str, url: str, body: Mapping[str, Any] | None, bearer: Bearer) -> Answer:
        """Send a request once.

        :raises Fault: no answer came, or an invalid one.
        :raises Unusable: further tries will not help.
        :raises ProxyDenied: a proxy rejected the credentials, so nothing more is sent.
        """
        with self._lock:
            if self._denied is not None:
                raise self._denied
            self.calls += 1
        session = self._take()
        done: Future[Answer] = Future()
        self._pending.add(done)
        if self._abandoned:
            self.abandon()
        try:
            _start(done, lambda: self._exchange(session, method, url, body, bearer))
            answer = done.result(self._connection.timeout)
        except FutureTimeoutError:
            # The thread of the request still uses the session, maybe for long, so the session is not used again.
            raise Fault(f"no answer in time{self._via()}", answered=False) from None
        except _Abandoned:
            raise Fault(f"the task stopped before an answer came{self._via()}", answered=False) from None
        except BaseException:
            session.close()
            raise
        finally:
            self._pending.discard(done)
        self._idle.append(session)
        return answer

    def abandon(self) -> None:
        """Wait for no answer any more. Requests that are under way may still be carried out."""
        self._abandoned = True
        for done in [*self._pending]:
            with suppress(InvalidStateError):
                done.set_exception(_Abandoned())

    def _exchange(
        self, session: requests.Session, method: str, url: str, body: Mapping[str, Any] | None, bearer: Bearer
    ) -> Answer:
        try:
            with session.request(
                method,
                url,
                json=body,
                # A header instead of auth would be replaced by an entry of .netrc.
                auth=bearer,
                timeout=(min(_CONNECT_SECONDS, self._connection.timeout), self._connection.timeout),
                # requests would change a redirected PUT to a GET, and let .netrc replace the token.
                allow_redirects=False,
                # Not set in the session, because REQUESTS_CA_BUNDLE would override it there.
                verify=self._connection.verify,
                stream=True,
            ) as response:
                return _answer(method, response, _content(response))
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> Exception:
        """Return the error for a request that was not answered."""
        authorities = self._authorities()
        problem = route.authorities_problem(authorities[1]) if authorities else None
        if authorities and problem:
            # Without authorities, no certificate can be verified.
            return Unusable(f"{authorities[0]}: {quoted(authorities[1])} {problem}.")
        proxy = self._proxy()
        certificate = route.certificate_error(error)
        if certificate:
            of_proxy = isinstance(error, requests.exceptions.ProxyError)
            url = self._connection.api_url
            owner = url if proxy is None else str(proxy) if of_proxy else f"{url}, through {proxy},"
            return Unusable(route.certificate_advice(*certificate, owner=owner, authorities=authorities))
        if proxy and isinstance(error, requests.exceptions.ProxyError):
            return self._proxy_failure(error, proxy)
        # Errors of requests that are ValueErrors, too, are caused by wrong settings.
        if isinstance(error, ValueError):
            about_url = (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)
            is_about_url = isinstance(error, (*about_url, urllib3.exceptions.LocationValueError))
            if proxy and is_about_url and self._has_valid_address():
                return Unusable(f"{proxy.setting}: {_proxy_problem(error)}")
            return Unusable(f"{self._connection.api_url} cannot be used: {_describe(error)}.")
        never_connected = isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
            _cause(error), (ConnectionRefusedError, socket.gaierror)
        )
        return Fault(f"{_describe(error)}{self._via()}", sent=not never_connected, answered=False)

    def _proxy_failure(self, error: Exception, proxy: route.Proxy) -> Exception:
        """Return the error for a request that a proxy did not pass on."""
        host = urlsplit(self._connection.api_url).hostname
        answer = route.tunnel_answer(error)
        if answer is None:
            if proxy.is_tls and isinstance(_cause(error), ssl.SSLError):
                return Unusable(
                    f"No connection to {host}: {proxy} does not use TLS as expected. If it expects plain HTTP, write "
                    f"http:// in {proxy.setting}."
                )
            return Fault(f"{proxy} cannot be reached: {_reason(error)}", sent=False, answered=False)
        status, text = answer
        answered = f"{proxy} answered {status} {text}".rstrip(" .")
        if status == _PROXY_AUTHENTICATION_REQUIRED:
            with self._lock:
                self._denied = ProxyDenied(
                    f"No connection to {host}: {answered}. Set a valid user and password in {proxy.setting}, as in "
                    "http://USER:PASSWORD@HOST:PORT. Nothing more was sent, because repeating a wrong password may "
                    "lock the account."
                )
                return self._denied
        if status >= 500 or status in _PROXY_TRIES_AGAIN:
            return Fault(answered, sent=False, answered=False)
        return Unusable(f"No connection to {host}: {answered}. Allow {host} in the proxy, or add {host} to NO_PROXY.")

    def _proxy(self) -> route.Proxy | None:
        """Return the proxy for requests to GitHub, if any."""
        if not self._trusts_environment:
            return None
        url = self._connection.api_url
        proxy_url = requests.utils.select_proxy(url, requests.utils.get_environ_proxies(url))
        return route.proxy(proxy_url, os.environ) if proxy_url else None

    @property
    def _trusts_environment(self) -> bool:
        """Whether a proxy and trusted authorities may come from the environment.

        Plain HTTP is for this machine only, so a proxy must not get the token in it.
        """
        return not self._connection.api_url.startswith("http:")

    def _via(self) -> str:
        """Return the end of a text, which names the proxy."""
        proxy = self._proxy()
        return f", through {proxy}" if proxy else ""

    def _authorities(self) -> tuple[str, str] | None:
        """Return the setting that lists trusted authorities, and its value; None: requests uses its own."""
        verify = self._connection.verify
        if isinstance(verify, str):
            return "ca_path", verify
        if not verify or not self._trusts_environment:
            return None
        return next(((name, os.environ[name]) for name in _CA_VARIABLES if os.environ.get(name)), None)

    def _has_valid_address(self) -> bool:
        """Return whether requests accepts the URL of the API."""
        try:
            requests.Request("GET", self._connection.api_url).prepare()
        except ValueError:
            return False
        return True

    def _take(self) -> requests.Session:
        try:
            return self._idle.pop()
        except IndexError:
            return self._session()

    def _session(self) -> requests.Session:
        session = requests.Session()
        session.headers.update(
            {
                "Accept": "application/vnd.github+json",
                "Accept-Encoding": "gzip",
                "User-Agent": _USER_AGENT,
                "X-GitHub-Api-Version": self._connection.api_version,
            }
        )
        session.trust_env = self._trusts_environment
        if self._adapter is not None:
            session.mount(self._connection.api_url, self._adapter)
        return session


class Bearer:
    """Authentication for requests: adds the header with the token."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


class _Abandoned(Exception):
    """The task does not wait for the answer any more."""


def _start(done: Future[Answer], work: Callable[[], Answer]) -> None:
    """Run a function in a thread that can be left behind.

    The timeouts of sockets apply to each read, so a server that sends a byte now and then could block for ever.
    """

    def settle() -> None:
        # The task may have stopped in the meantime.
        with suppress(InvalidStateError):
            try:
                done.set_result(work())
            except InvalidStateError:
                raise
            except BaseException as error:
                done.set_exception(error)

    with without_signals():
        threading.Thread(target=settle, daemon=True).start()


def _content(response: requests.Response) -> bytes:
    """Return the whole body, decompressed."""
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        # Data that was compressed twice could become very large.
        raise Fault("GitHub answered in an encoding that the request does not accept")
    content = bytearray()
    # Not chunk by chunk, because older releases of urllib3 read lines of any length between chunks.
    while chunk := response.raw.read(_READ_BYTES, decode_content=False):
        content += chunk
        if len(content) > _BODY_BYTES:
            raise Fault(f"GitHub answered with more than {_BODY_BYTES // 1024**2} MiB")
    if encoding != "gzip" or not content:
        return bytes(content)
    try:
        unpacker = zlib.decompressobj(wbits=31)
        unpacked = unpacker.decompress(content, _BODY_BYTES + 1)
    except zlib.error as error:
        raise Fault("GitHub answered with data that cannot be decompressed") from error
    if len(unpacked) > _BODY_BYTES:
        raise Fault(f"GitHub answered with more than {_BODY_BYTES // 1024**2} MiB")
    if not unpacker.eof:
        raise Fault("GitHub answered with incomplete compressed data")
    return unpacked


def _answer(method: str, response: requests.Response, content: bytes) -> Answer:
    status = response.status_code
    if status >= 500 or (status < 300 and status not in _DONE[method]):
        raise Fault(f"GitHub answered {status}")
    body = None
    if content:
        try:
            body = json.loads(content)
        except (ValueError, RecursionError) as error:
            if status < 300:
                raise Fault(f"GitHub answered {status} with something that is not JSON") from error
    elif status == 200:
        raise Fault("GitHub answered 200 with an empty body")
    headers = requests.structures.CaseInsensitiveDict(
        (name, printable(text, _HEADER_LENGTH)) for name, text in response.headers.items()
    )
    return Answer(status, headers, body, next_url=response.links.get("next", {}).get("url"))


def _describe(error: Exception) -> str:
    """Describe an error by its type and innermost cause, because its text may have URLs and headers in it."""
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.exceptions.Timeout):
        return "no answer in time"
    return f"{type(error).__name__}, {_reason(error)}"


def _reason(error: Exception) -> str:
    cause = _cause(error)
    return getattr(cause, "strerror", None) or type(cause).__name__


def _proxy_problem(error: Exception) -> str:
    """Describe what is wrong with the URL of a proxy, without the URL, which may have a password in it."""
    if isinstance(error, requests.exceptions.InvalidSchema):
        return "a SOCKS proxy needs the Python library PySocks, which is missing."
    return "the address of the proxy is malformed. Write it as http://HOST:PORT."


def _cause(error: BaseException) -> BaseException:
    """Return the innermost cause of an error."""
    return deque(route.chain(error), maxlen=1)[0]
