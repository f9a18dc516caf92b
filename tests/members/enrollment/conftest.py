"""What every test of enrollment files may use."""

from tests.members.enrollment.test_import_834 import acme, load

__all__ = ["acme", "load"]
