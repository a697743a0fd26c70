"""Every error the program raises on purpose.

SyncError                    an error with a code and parameters; ``app.text`` has its sentence
 ├─ UsageError               the caller asked for something that cannot be (exit code 2)
 │   └─ NotFound             what was named does not exist
 ├─ ConfigError              a connector's settings cannot work as they are
 ├─ AuthError                the SIS does not accept our credentials
 ├─ RateLimited              the SIS asks us to slow down (``retry_after``, seconds)
 ├─ TransientError           network or SIS trouble that may pass by itself
 ├─ ContractError            the SIS answered something the standard does not allow
 ├─ StoreError               the database cannot be opened, read or written
 ├─ BusyError                another process is syncing this connector (exit code 5)
 ├─ LimitError               it goes over a safety limit, and nobody approved it (exit code 3)
 ├─ Fenced                   this run was overtaken by a newer one and must write nothing more
 └─ Cancelled                a person asked to stop

A code is a stable word that scripts may rely on; parameters are plain values. No parameter ever
holds a secret, a token or a person's name. ``detail`` is for technicians and is not translated.
"""

from typing import ClassVar, TypeAlias

Parameter: TypeAlias = str | int | float | bool | None


class SyncError(Exception):
    """Base of every error raised on purpose; ``code`` selects the sentence in ``app.text``."""

    category: ClassVar[str] = "internal"

    def __init__(self, code: str, /, detail: str = "", **parameters: Parameter) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.parameters: dict[str, Parameter] = parameters

    def __str__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"{self.code}({given})" + (f": {self.detail}" if self.detail else "")


class UsageError(SyncError):
    """What was asked for cannot be done as asked."""

    category = "usage"


class NotFound(UsageError):
    """No connector, run or record of that name."""


class ConfigError(SyncError):
    """A connector's settings are missing something or contradict each other."""

    category = "config"


class AuthError(SyncError):
    """The SIS refused the credentials or the permissions they carry."""

    category = "auth"


class RateLimited(SyncError):
    """The SIS asked for a pause longer than a run should wait."""

    category = "rate_limited"

    def __init__(
        self, code: str, /, retry_after: float, detail: str = "", **parameters: Parameter
    ) -> None:
        super().__init__(code, detail, retry_after=retry_after, **parameters)
        self.retry_after = retry_after


class TransientError(SyncError):
    """Trouble that may pass by itself: network, overload, an answer cut short."""

    category = "transient"


MAY_PASS = (TransientError.category, RateLimited.category)
"""Categories of what is worth trying again without anybody doing anything."""


class ContractError(SyncError):
    """An answer that the standard does not allow and that cannot be understood safely."""

    category = "contract"


class StoreError(SyncError):
    """The local database cannot be opened, read, upgraded or written."""

    category = "store"


class BusyError(SyncError):
    """Another process holds this connector's lock (SEMANTICS H1)."""

    category = "busy"


class LimitError(SyncError):
    """A person asked for more than a safety limit allows, without approving it."""

    category = "limit"


class Fenced(SyncError):
    """A newer run took over this connector; this one ends *interrupted* (SEMANTICS H1)."""

    category = "interrupted"


class Cancelled(SyncError):
    """A person asked to stop."""

    category = "cancelled"
