"""What ends a test that looks for a network. A module of its own: several folders have a `conftest`."""


class NetworkUsed(BaseException):
    """Not an Exception, so that no code under test can catch it by accident."""
