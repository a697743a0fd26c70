"""Moves bytes over HTTP for the REST kinds; the only importer of requests, urllib3 and truststore.

What is kept here, for every kind: TLS is verified against the system's own certificates, and those
of authorities that an administrator trusts besides, and is never switched off; credentials go to
the origin they were issued for and nowhere else; an answer arrives whole and bounded, or not at
all; waiting of any sort ends within a second of a cancel. The retry loop is ours, since urllib3's
sleeps through ``Retry-After`` without hearing anybody.

No query, header or body reaches a log line or an error: only method, path, status and counts.
"""

import http.client
import io
import logging
import socket
import ssl
import time
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from random import Random
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

import requests
import truststore
import urllib3
from requests.adapters import HTTPAdapter
from requests.cookies import extract_cookies_to_jar, get_cookie_header
from requests.utils import get_environ_proxies
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from app.connectors.addresses import is_loopback, origin, require_safe
from app.connectors.contract import Request, Response, Route
from app.errors import Cancelled, ConfigError, ContractError, RateLimited, SyncError, TransientError

_log = logging.getLogger(__name__)
# urllib3 logs whole addresses, queries included, and what it would warn of is raised here anyway.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)

SLICE = 0.25
"""Seconds between two looks at the cancel event while nothing arrives."""

_PIECE, _LARGEST_PIECE = 512, 256 * 1024
"""How much of a packed body is unpacked at once: little at first, as it may hold very little."""

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FAILURES = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    zlib.error,
)
_CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})


@dataclass(frozen=True)
class Limits:
    """How patient a transport is; everything in seconds but the counts."""

    connect: float = 10.0  # to reach a host: its name, the connection, the TLS handshake
    silence: float = 60.0  # without a single byte
    answer: float = 900.0  # for a whole answer, so that a trickle does not last for ever
    attempts: int = 4  # where a request fails for another reason than being asked to wait
    backoff: float = 0.5  # the upper bound of the first pause; it doubles with every attempt
    longest_backoff: float = 30.0
    pauses: float = 600.0  # that the SIS may ask for, in total for one request
    redirects: int = 5


# -- waiting that ends on a cancel --------------------------------------------------------------


class _Watch:
    """What the exchange under way has to heed; shared by a transport and its connections."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.cancel = Event()
        self._ends = 0.0

    def begin(self, cancel: Event) -> None:
        self.cancel = cancel
        self._ends = time.monotonic() + self.limits.answer

    def look(self, silent_since: float) -> None:
        """Raises ``Cancelled``, or ``TimeoutError`` when patience ends."""
        if self.cancel.is_set():
            raise Cancelled("cancelled")
        now = time.monotonic()
        if now > self._ends or now - silent_since > self.limits.silence:
            raise TimeoutError


class _Incoming(io.RawIOBase):
    """The bytes of an answer; the socket's own timeout is a slice, so that a cancel is heard.

    Yet a body takes as few reads as the network allows: many small ones would fight the engine
    for the interpreter lock.
    """

    def __init__(self, sock: socket.socket, watch: _Watch) -> None:
        self._sock = sock
        # Held only because an open file keeps the socket open once http.client lets go of it.
        self._hold = sock.makefile("rb", buffering=0)
        self._watch = watch

    def makefile(self, mode: str) -> io.BufferedReader:
        """Stands in for the socket, of which http.client only asks this."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        silent_since = time.monotonic()
        while True:
            self._watch.look(silent_since)
            try:
                return self._sock.recv_into(buffer)
            except TimeoutError:
                continue

    def close(self) -> None:
        if not self.closed:
            self._hold.close()
        super().close()


def _in_background(connect: Callable[[], None], close: Callable[[], None], watch: _Watch) -> None:
    """Runs ``connect`` where it can be abandoned: neither a name look-up nor a handshake can be
    interrupted. An abandoned one ends by its own timeout and then closes what it opened.
    """
    done, abandoned = Event(), Event()
    failed: list[BaseException] = []

    def run() -> None:
        try:
            connect()
        except BaseException as error:  # noqa: BLE001  raised below, in the thread that waits
            failed.append(error)
        done.set()
        if abandoned.is_set():
            close()

    Thread(target=run, name="connect", daemon=True).start()
    while not done.wait(SLICE):
        if watch.cancel.is_set():
            abandoned.set()
            if done.is_set():
                close()
            raise Cancelled("cancelled")
    if failed:
        raise failed[0]


def _pool_classes(watch: _Watch) -> dict[str, type[HTTPConnectionPool]]:
    """Connection pools whose connections heed ``watch``."""

    class Watched(HTTPConnection):
        def connect(self) -> None:
            _in_background(super().connect, self.close, watch)

        def response_class(self, sock: socket.socket, **options: Any) -> Any:  # type: ignore[override]
            incoming: Any = _Incoming(sock, watch)
            return http.client.HTTPResponse(incoming, **options)

    class WatchedSecure(Watched, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Watched

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = WatchedSecure

    return {"http": PlainPool, "https": SecurePool}


class _Adapter(HTTPAdapter):
    """Verifies with the system's certificates, always; never retries or pauses by itself."""

    def __init__(self, watch: _Watch, authorities: str) -> None:
        self._classes = _pool_classes(watch)
        self._context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if authorities:
            self._context.load_verify_locations(cadata=authorities)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **options)
        self.poolmanager.pool_classes_by_scheme = self._classes

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, ssl_context=self._context, **options)
        manager.pool_classes_by_scheme = self._classes
        return manager

    def close(self) -> None:
        """Closes connections now; urllib3 leaves that to whenever the last reference goes."""
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            for key in manager.pools.keys():  # noqa: SIM118  it cannot be iterated itself
                manager.pools[key].close()
        super().close()

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leaves verifying to the context; requests would add its own certificates here."""


# -- the transport ------------------------------------------------------------------------------


class Pauses:
    """Until when hosts asked to be left alone: what one transport is told, all that share it heed.

    So several threads that read one SIS do not each have to be asked. It holds as long as the
    transport that was told is open: who comes later asks anew.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._until: dict[str, tuple[float, object]] = {}
        self._lock = Lock()

    def note(self, host: str, seconds: float, told: object) -> None:
        """``host`` has asked ``told`` to wait for so many seconds."""
        until = self._monotonic() + seconds
        with self._lock:
            if until > self._until.get(host, (0.0, told))[0]:
                self._until[host] = until, told

    def left(self, host: str, asks: object) -> float:
        """For how many seconds ``asks`` has to wait for what ``host`` has told another one."""
        until, told = self._until.get(host, (0.0, asks))
        return 0.0 if told is asks else max(0.0, until - self._monotonic())

    def forget(self, told: object) -> None:
        """What ``told`` was told counts no more."""
        with self._lock:
            self._until = {host: one for host, one in self._until.items() if one[1] is not told}


class HttpTransport:
    """One HTTP session (``contract.Transport``), used by one thread at a time.

    ``wait`` pauses for so many seconds, or until the cancel event is set. Transports that share
    ``pauses`` wait for each other. ``route`` is asked before the first request.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        random: Random | None = None,
        wait: Callable[[Event, float], object] = Event.wait,
        pauses: Pauses | None = None,
        route: Callable[[], Route] = Route,
    ) -> None:
        self._limits = limits or Limits()
        self._clock = clock
        self._random = random or Random()  # noqa: S311  spreads retries, guards nothing
        self._wait = wait
        self._pauses = pauses or Pauses()
        self._watch = _Watch(self._limits)
        self._reached: set[str] = set()
        self._proxies: dict[str, dict[str, str]] = {}
        self._session = requests.Session()
        # Otherwise a .netrc replaces our credentials; proxies are looked up below instead.
        self._session.trust_env = False
        # Cookies are kept by requests (``Request.cookies``): a session's go to any port of a host.
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=()))
        self._session.headers.update({"User-Agent": "MindKindler-Sync", "Accept-Encoding": "gzip"})
        self._ask_route = route
        self._route: Route | None = None

    def close(self) -> None:
        """Ends the session and its connections."""
        self._pauses.forget(self)
        self._session.close()

    def send(self, request: Request, cancel: Event) -> Response:
        """The final answer, after retries (``contract.Transport.send``)."""
        require_safe(request.url)
        _require_own_authorization(request)
        if self._route is None:
            self._take(self._ask_route())
        parts = urlsplit(request.url)
        host, path = parts.hostname or "", parts.path or "/"
        paused, failures, throttled = 0.0, 0, 0
        while not cancel.is_set():
            if others := self._pauses.left(host, self):
                self._wait(cancel, others)
                continue
            try:
                answer = self._follow(request, cancel)
            except TransientError as error:
                failure, asked = error, None
            else:
                if answer.status != 429 and answer.status < 500:
                    return answer
                failure = TransientError("server_error", status=answer.status, host=host, path=path)
                asked = self._asks_to_wait(answer, request)
            if asked is not None:
                # Never shorter than a growing pause of our own: Retry-After may say 0 for ever.
                pause = max(asked, self._backoff(throttled))
                throttled += 1
                paused += pause
                self._pauses.note(host, pause, self)
                patience = self._limits.pauses if request.patience is None else request.patience
                if paused > patience:
                    raise RateLimited("rate_limited", retry_after=pause, host=host)
            else:
                failures += 1
                if failures >= self._limits.attempts or not request.repeatable:
                    raise failure
                # The whole pause is random, so that many clients do not come back together.
                pause = self._random.uniform(0, self._backoff(failures - 1))
            what = failure.parameters.get("status", failure.code)
            _log.info("%s %s: %s, again in %.1f s", request.method, path, what, pause)
            self._wait(cancel, pause)
        raise Cancelled("cancelled")

    def _take(self, route: Route) -> None:
        """Goes that way from now on."""
        self._route = route
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Adapter(self._watch, route.authorities))

    def _backoff(self, before: int) -> float:
        return min(self._limits.longest_backoff, self._limits.backoff * 2.0 ** min(before, 30))

    def _asks_to_wait(self, answer: Response, request: Request) -> float | None:
        """The seconds of ``Retry-After``, a number or an HTTP date; a 429 may leave them out."""
        # A 503 may come after the work was done: only what may be repeated is sent again.
        if answer.status != 429 and (answer.status != 503 or not request.repeatable):
            return None
        text = answer.headers.get("retry-after", "").strip()
        if text.isdecimal():
            return float(text[:9])
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return 0.0 if answer.status == 429 else None
        return max(0.0, (until.replace(tzinfo=UTC) - self._clock()).total_seconds())

    def _follow(self, request: Request, cancel: Event) -> Response:
        """One attempt, with its redirects: GET only, and nothing secret to another origin.

        Whoever asks an ``origin`` has its answer, and no other one's.
        """
        url, first = request.url, origin(request.url)
        for _ in range(self._limits.redirects + 1):
            answer = self._exchange(request, url, cancel, at_home=origin(url) == first)
            location = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not location:
                return answer
            here = urlsplit(url)
            if request.method != "GET":
                raise ContractError("redirect_refused", host=here.hostname, status=answer.status)
            url = urljoin(url, location).split("#")[0]
            try:
                require_safe(url)
                safe = here.scheme == "http" or urlsplit(url).scheme == "https"
            except ConfigError:
                safe = False
            if not safe:
                raise ContractError("redirect_unsafe", host=here.hostname)
            if request.origin and origin(url) != first:
                other = urlsplit(url).netloc
                raise ContractError("redirect_elsewhere", host=here.hostname, other=other)
        raise ContractError("redirects_too_many", host=urlsplit(request.url).hostname)

    def _exchange(self, request: Request, url: str, cancel: Event, at_home: bool) -> Response:
        """One request and its answer. ``at_home`` is false once redirected to another origin."""
        headers = {
            name: value
            for name, value in request.headers
            if at_home or name.lower().startswith("accept")
        }
        if at_home and (authorization := request.authorized()) is not None:
            headers["Authorization"] = authorization
        cookies = request.cookies if at_home else None
        jar = None if cookies is None else cookies.setdefault(origin(url), CookieJar())
        parts = urlsplit(url)
        began = time.monotonic()
        heard = False
        self._watch.begin(cancel)
        try:
            prepared = self._session.prepare_request(
                requests.Request(request.method, url, headers=headers, data=request.body)
            )
            shown = jar and get_cookie_header(jar, prepared)  # type: ignore[no-untyped-call]
            if shown:
                prepared.headers["Cookie"] = shown
            with self._session.send(
                prepared,
                stream=True,
                allow_redirects=False,
                timeout=(self._limits.connect, SLICE),
                proxies=self._proxies_for(url),
                verify=True,
            ) as reply:
                heard = True
                if jar is not None:
                    extract_cookies_to_jar(jar, prepared, reply.raw)  # type: ignore[no-untyped-call]
                self._reached.add(parts.hostname or "")
                body = _body(reply, request.max_bytes, parts.path, self._watch)
                answer = Response(
                    reply.status_code,
                    {name.lower(): value for name, value in reply.headers.items()},
                    body,
                    url,
                )
        except _FAILURES as error:
            failure = self._failure(error, parts, heard)
        else:
            took = (time.monotonic() - began) * 1000
            told = (request.method, parts.path, answer.status, len(body), took)
            _log.debug("%s %s %d %d bytes %.0f ms", *told)
            return answer
        # Outside the handler: the original's text holds the whole address, and would come along.
        raise failure

    def _proxies_for(self, url: str) -> dict[str, str]:
        """The proxies for a host; the system's are asked for once an origin."""
        key, route = origin(url), self._route or Route()
        if key not in self._proxies:
            host = urlsplit(url).hostname or ""
            if is_loopback(host):
                self._proxies[key] = {}
            elif route.proxy is None:
                self._proxies[key] = dict(get_environ_proxies(key, no_proxy=None))
            else:
                self._proxies[key] = _proxies(route, host)
        return self._proxies[key]

    def _failure(self, error: BaseException, parts: SplitResult, heard: bool) -> SyncError:
        """What went wrong, told apart by what a person can do about it."""
        causes = list(_causes(error))
        host = parts.hostname or ""
        # For a technician, and without the errors' texts, which hold whole addresses.
        detail = " < ".join(dict.fromkeys(type(each).__name__ for each in causes))

        def cause(*types: type[BaseException]) -> Any:
            return next((each for each in causes if isinstance(each, types)), None)

        if refused := cause(ssl.SSLCertVerificationError):
            reason = getattr(refused, "verify_message", "") or "not trusted"
            return ConfigError("certificate_refused", detail, host=host, reason=reason)
        if cause(TimeoutError, urllib3.exceptions.ReadTimeoutError):
            connecting = cause(urllib3.exceptions.ConnectTimeoutError)
            seconds = self._limits.connect if connecting else self._limits.silence
            return TransientError("network_timeout", detail, host=host, seconds=seconds)
        if heard:
            return TransientError("answer_cut_short", detail, host=host, path=parts.path)
        if cause(urllib3.exceptions.ProxyError) and any(" 407 " in str(each) for each in causes):
            return ConfigError("proxy_login_refused", detail, host=host)
        if cause(urllib3.exceptions.ProxyError):
            return TransientError("proxy_failed", detail, host=host)
        if unknown := cause(socket.gaierror):
            # A name that was known a moment ago is still right: the network is away.
            if unknown.errno == socket.EAI_AGAIN or host in self._reached:
                return TransientError("host_not_found_now", detail, host=host)
            return ConfigError("host_unknown", detail, host=host)
        if cause(requests.exceptions.InvalidURL, urllib3.exceptions.LocationValueError):
            return ConfigError("address_invalid", detail)
        port = parts.port or (80 if parts.scheme == "http" else 443)
        if cause(ConnectionRefusedError):
            return TransientError("connection_refused", detail, host=host, port=port)
        if cause(ssl.SSLError):
            code = "tls_failed_here" if is_loopback(host) else "tls_failed"
            return TransientError(code, detail, host=host, port=port)
        return TransientError("network_failed", detail, host=host)


def _proxies(route: Route, host: str) -> dict[str, str]:
    """The proxy of a route as requests wants it, where the host is reached by it."""
    direct = any(host == one or host.endswith(f".{one}") for one in route.direct)
    if not route.proxy or direct:
        return {}
    parts, login = urlsplit(route.proxy), ""
    if route.login is not None:
        login = ":".join(quote(word, safe="") for word in route.login) + "@"
    address = f"{parts.scheme}://{login}{parts.netloc}"
    return {"http": address, "https": address}


def _require_own_authorization(request: Request) -> None:
    loose = any(name.lower() in _CREDENTIALS for name, _ in request.headers)
    if loose or (request.authorization is not None and request.origin != origin(request.url)):
        raise ContractError("authorization_elsewhere", host=urlsplit(request.url).hostname)


def _body(reply: requests.Response, longest: int, path: str, watch: _Watch) -> bytes:
    """The whole body, decoded, or an error: never a part of it."""
    raw = reply.raw
    expected: int | None = None
    if "transfer-encoding" not in reply.headers and reply.status_code not in (204, 304):
        stated = reply.headers.get("content-length", "").strip()
        expected = int(stated[:18]) if stated.isdecimal() else None
    if expected is not None and expected > longest:
        raise ContractError("answer_too_long", path=path, limit=longest)
    # One read, and one byte more than is allowed: chunked answers do not say how long they are.
    body: bytes = raw.read(longest + 1, decode_content=False)
    if len(body) > longest:
        raise ContractError("answer_too_long", path=path, limit=longest)
    if expected is not None and len(body) != expected:
        raise http.client.IncompleteRead(b"", expected - len(body))
    encoding = reply.headers.get("content-encoding", "").strip().lower()
    if not body or encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "x-gzip"):
        raise ContractError("answer_encoding_unknown", path=path)
    return _unpacked(body, longest, path, watch)


def _unpacked(body: bytes, longest: int, path: str, watch: _Watch) -> bytes:
    """``body`` decompressed, bounded too: a few kilobytes can unpack to gigabytes.

    In growing pieces, since zlib copies what follows a member: of very many members, all of it
    each time.
    """
    whole, view, at = bytearray(), memoryview(body), 0
    while at < len(body):
        decoder, size = zlib.decompressobj(zlib.MAX_WBITS | 16), _PIECE
        while not decoder.eof:
            watch.look(time.monotonic())
            piece = view[at : at + size]
            if not piece:
                raise http.client.IncompleteRead(b"")
            whole += decoder.decompress(piece, longest + 1 - len(whole))
            if len(whole) > longest:
                raise ContractError("answer_too_long", path=path, limit=longest)
            at += len(piece) - len(decoder.unused_data) - len(decoder.unconsumed_tail)
            size = min(2 * size, _LARGEST_PIECE)
    return bytes(whole)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and everything it came from; requests and urllib3 wrap in several ways."""
    waiting, seen = [error], set[int]()
    while waiting:
        current = waiting.pop(0)
        if id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inside = (getattr(current, "reason", None), current.__cause__, current.__context__)
        waiting += [each for each in (*inside, *current.args) if isinstance(each, BaseException)]
