"""Prism, by Stoplight: a proxy that holds what passes against the document of a service."""

import http.client
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

PRISM = "@stoplight/prism-cli@5.14.2"
DOCUMENTS = {
    "/ims/oneroster/rostering/v1p2": "rostersservice.yaml",
    "/ims/oneroster/gradebook/v1p2": "gradebookservice.yaml",
    "/ims/oneroster/resources/v1p2": "resourcesservice.yaml",
}
"""The path of each service, and the document that it is held against."""

_UNQUOTED = re.compile(r"^( *- )(true|false) *$", re.MULTILINE)
_PATIENCE = 60.0


class CannotRun(Exception):
    """Something that is needed is not here; the text says what."""


def installed(folder: Path) -> Path:
    """Prism's program, which npm puts into ``folder`` the first time."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise CannotRun("Node.js is needed (node and npm), version 18.20 or newer.")
    program = folder / "node_modules/@stoplight/prism-cli/dist/index.js"
    if not program.exists():
        folder.mkdir(parents=True, exist_ok=True)
        asked = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", PRISM]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode or not program.exists():
            raise CannotRun(f"npm could not install {PRISM}:\n{done.stderr.strip()}")
    return program


def mended(document: Path, folder: Path) -> Path:
    """A copy of a document in which truth values are the texts that they are on the wire.

    Under ``type: string`` the documents list ``true`` and ``false`` without quotes, which YAML
    takes for no texts: no answer whatever could then be right.
    """
    if not document.is_file():
        raise CannotRun(
            f"There is no {document}. Name the folder of the official documents of "
            "OneRoster 1.2 with --documents."
        )
    copy = folder / document.name
    copy.write_text(_UNQUOTED.sub(r'\1"\2"', document.read_text("utf-8")), "utf-8")
    return copy


@contextmanager
def standing(
    program: Path, documents: Path, folder: Path, service: str
) -> Iterator[Mapping[str, str]]:
    """A Prism before every service at ``service``: its address by the path of the service."""
    with ExitStack() as stack:
        found = {}
        for path, name in DOCUMENTS.items():
            document = mended(documents / name, folder)
            log = stack.enter_context((folder / f"{document.stem}.log").open("w", encoding="utf-8"))
            port = _free_port()
            asked = ["proxy", str(document), service + path, "--errors", "--port", str(port)]
            proxy = subprocess.Popen(
                ["node", str(program), *asked], stdout=log, stderr=subprocess.STDOUT
            )
            stack.callback(proxy.wait)
            stack.callback(proxy.terminate)
            found[path] = f"http://127.0.0.1:{port}"
        for address in found.values():
            _await(address)
        yield found


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _await(address: str) -> None:
    """Waits until something answers there: Prism has no other way to say that it is ready."""
    parts, until = urlsplit(address), time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        asking = http.client.HTTPConnection(str(parts.hostname), parts.port or 80, timeout=5)
        try:
            asking.request("GET", "/")
            asking.getresponse().read()
            return
        except OSError:
            time.sleep(0.1)
        finally:
            asking.close()
    raise CannotRun(f"Prism did not begin to answer within {_PATIENCE:.0f} seconds.")
