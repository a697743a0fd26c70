"""Documents out of a folder: one file a resource, one document a line."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from .vocabulary import RESOURCES, Document

_SUFFIX = ".jsonl"
_decode = msgspec.json.Decoder(Document).decode


def documents(folder: Path) -> Iterator[tuple[str, Document]]:
    """Every document of the files in a folder, such as `students.jsonl`, in dependency order.

    What a document refers to need not be there. Raises ValueError with a sentence for a folder
    without such files, a file of no known resource, and a line that is no document of it.
    """
    try:
        files = {path.stem: path for path in sorted(folder.iterdir()) if path.suffix == _SUFFIX}
    except OSError as trouble:
        raise ValueError(
            f"The Ed-Fi data in {folder} cannot be read: {trouble.strerror}. Check the path."
        ) from trouble
    if not files:
        raise ValueError(
            f"There is no Ed-Fi data in {folder}: name a folder with files such as students.jsonl."
        )
    for name, path in files.items():
        if name not in RESOURCES:
            raise ValueError(f"{path} is of no resource that is served here. Take it away.")
    # In the order of the resources, which is one that a service could have been filled in.
    for name in RESOURCES:
        if name in files:
            yield from ((name, document) for document in _lines(name, files[name]))


def _lines(name: str, path: Path) -> Iterator[Document]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                document = _decode(line)
                RESOURCES[name].key_in(document)
            except (msgspec.MsgspecError, UnicodeDecodeError):
                raise ValueError(f"Line {number} of {path} is no document in JSON.") from None
            except KeyError:
                raise ValueError(
                    f"Line {number} of {path} does not have its whole natural key."
                ) from None
            yield document
