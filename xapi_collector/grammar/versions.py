"""Which version of xAPI a request speaks, and which its answer names. Floor 1, pure.

xAPI 1.0.3, Communication 3.3; xAPI 2.0 (IEEE 9274.1.1), 4.1.2. Both are spoken side by side; the header decides.
"""

import functools
import re

from xapi_collector import errors

HEADER = "X-Experience-API-Version"
ENVIRON = "HTTP_X_EXPERIENCE_API_VERSION"
V1 = "1.0.3"
V2 = "2.0.0"
SPOKEN = (V2, V1, "1.0.2", "1.0.1", "1.0.0")
"""What About lists."""

UNNAMED = "0.9"
"""What is answered to a request without the header, which came with 0.95: the one version that it can be of, and that
is not spoken here. It is the one answer that the conformance suites of 1.0.3 and of 2.0.0 both take (XAPI-00331)."""

_V1 = re.compile(r"1\.0(?:\.[0-9]{1,4})?")
_V2 = re.compile(r"2\.0(?:\.[0-9]{1,4})?")


def negotiate(header: str | None) -> str:
    """The version that a request speaks: V1 or V2.

    Args:
        header: The value of X-Experience-API-Version, or None.

    Raises:
        errors.RequestError: There is none, or it is of a version that is not spoken here.
    """
    spoken = _spoken(header)
    if spoken is None:
        raise errors.RequestError(
            "The request names no version of xAPI that is spoken here.",
            path=HEADER,
            rule="XAPI-00331" if header else "XAPI-00321",
            expected=f"{V1} or {V2}",
        )
    return spoken


def announced(header: str | None) -> str:
    """The version that the answer names, also where the one asked for is refused: the nearest that is spoken."""
    if header is None:
        return UNNAMED
    return _spoken(header) or (V2 if header.startswith("2.") else V1)


@functools.lru_cache(maxsize=64)
def _spoken(header: str | None) -> str | None:
    if header is None:
        return None
    return V1 if _V1.fullmatch(header) else V2 if _V2.fullmatch(header) else None
