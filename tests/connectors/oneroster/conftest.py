"""The fixtures of the odd service, for every test here."""

from tests.connectors.oneroster.odd_service import service, visit

__all__ = ["service", "visit"]
