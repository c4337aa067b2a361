"""What If-Match and If-None-Match ask for, as a table."""

import pytest

from xapi_collector import errors
from xapi_collector.preconditions import ALWAYS, FREE, TO_REPLACE, Precondition


def _tags(*tags):
    return frozenset(tags)


_MET = [
    (Precondition(), None),
    (Precondition(), "a"),
    (Precondition(needed=TO_REPLACE), None),
    (Precondition(match=_tags("a")), "a"),
    (Precondition(match=_tags("b", "a"), needed=ALWAYS), "a"),
    (Precondition(match=_tags("*"), needed=TO_REPLACE), "a"),
    (Precondition(none_match=_tags("*"), needed=ALWAYS), None),
    (Precondition(none_match=_tags("b"), needed=TO_REPLACE), "a"),
    (Precondition(match=_tags("a"), none_match=_tags("b")), "a"),
]
_REFUSED = [
    (Precondition(needed=TO_REPLACE), "a", errors.ConflictError),
    (Precondition(needed=ALWAYS), "a", errors.ConflictError),
    (Precondition(needed=ALWAYS), None, errors.RequestError),
    (Precondition(match=_tags("b")), "a", errors.PreconditionFailedError),
    (Precondition(match=_tags()), "a", errors.PreconditionFailedError),
    (Precondition(match=_tags("a")), None, errors.PreconditionFailedError),
    (Precondition(match=_tags("*")), None, errors.PreconditionFailedError),
    (Precondition(none_match=_tags("*")), "a", errors.PreconditionFailedError),
    (Precondition(none_match=_tags("a", "b")), "a", errors.PreconditionFailedError),
    (Precondition(match=_tags("a"), none_match=_tags("a")), "a", errors.PreconditionFailedError),
]


@pytest.mark.parametrize(("precondition", "found"), _MET)
def test_a_precondition_that_holds_refuses_nothing(precondition, found):
    assert precondition.check(found) is None


@pytest.mark.parametrize(("precondition", "found", "error"), _REFUSED)
def test_a_precondition_that_does_not_hold_says_what_to_do(precondition, found, error):
    with pytest.raises(error) as refused:
        precondition.check(found)

    assert type(refused.value) is error
    assert "If-" in refused.value.path + refused.value.expected


def test_an_unconditional_request_needs_nothing_by_default():
    assert Precondition().needed == FREE
