"""A server whose certificate nobody trusts, for the whole program as for the transport alone."""

from tests.connectors.conftest import certificate, secure

__all__ = ["certificate", "secure"]
