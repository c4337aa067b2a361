"""Which state of a document a request means: If-Match and If-None-Match. Floor 1, pure.

xAPI 1.0.3, Communication 3.1; xAPI 2.0 (IEEE 9274.1.1), 4.1.4; RFC 9110, 13.1.
"""

from dataclasses import dataclass

from xapi_collector import errors

ANY = "*"
FREE, TO_REPLACE, ALWAYS = range(3)
"""When a request must carry one of the two: never, if it would replace a document, always."""


@dataclass(frozen=True, slots=True)
class Precondition:
    """What must hold of the document that is there.

    Attributes:
        match: Entity tags, or ANY, of which it must have one; None: not asked for.
        none_match: Entity tags, or ANY, of which it must have none; None: not asked for.
        needed: FREE, TO_REPLACE or ALWAYS.
    """

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None
    needed: int = FREE

    def check(self, found: str | None) -> None:
        """Refuse a change that does not mean what is there.

        Args:
            found: The entity tag of the document, without quotes, or None: there is none.

        Raises:
            errors.PreconditionFailedError: 412, it is not what the request means.
            errors.ConflictError: 409, it would be replaced by a request that does not say that it knows it.
            errors.RequestError: 400, nothing is replaced, and the request must say so all the same.
        """
        if self.match is None and self.none_match is None:
            self._check_bare(found)
        if self.match is not None and (found is None or self.match.isdisjoint((ANY, found))):
            raise errors.PreconditionFailedError(
                "The document is not the one that If-Match names.",
                path="If-Match",
                rule="XAPI-00322",
                expected="the ETag of the document as it is now: GET it, and decide anew",
            )
        if self.none_match is not None and found is not None and not self.none_match.isdisjoint((ANY, found)):
            raise errors.PreconditionFailedError(
                "There is a document that If-None-Match excludes.",
                path="If-None-Match",
                rule="XAPI-00322",
                expected="If-Match with the ETag of the document as it is now: GET it, and decide anew",
            )

    def _check_bare(self, found: str | None) -> None:
        if found is not None and self.needed != FREE:
            raise errors.ConflictError(
                "There is a document, and the request does not say that it knows it.",
                path="If-Match",
                rule="XAPI-00322",
                expected="check the document as it is now, and set If-Match to its ETag",
            )
        if found is None and self.needed == ALWAYS:
            raise errors.RequestError(
                "A profile is stored under a precondition only.",
                path="If-None-Match",
                rule="Communication 3.1",
                expected="If-None-Match: * for a new document, If-Match with the ETag for one that is there",
            )
