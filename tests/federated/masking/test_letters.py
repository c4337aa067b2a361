import pytest

from federated import errors
from federated.masking import letters
from tests.federated.masking import runs

PUBLIC = runs.signer("uni-a").public_key().public_bytes_raw()


def written(kind="reveal", bound=("run", 1), body=b"abc"):
    return letters.write(kind, bound, body, runs.signer("uni-a"))


def read(message, kind="reveal", bound=("run", 1), size=3, public=PUBLIC):
    return letters.read(message, kind, bound, size, public=public, sender="uni-a")


def test_a_message_is_read_as_it_was_written():
    assert read(written()) == b"abc"
    assert len(written()) == 3 + letters.OVERHEAD


@pytest.mark.parametrize("bit", range(8 * len(written())))
def test_no_bit_of_a_message_may_change(bit):
    with pytest.raises(errors.MaskError):
        read(runs.flipped(written(), bit))


@pytest.mark.parametrize(
    "changed",
    [
        {"kind": "masked"},
        {"bound": ("run", 2)},
        {"bound": ("run", "1")},
        {"bound": ("ru", "n", 1)},
        {"size": 4},
        {"public": runs.signer("uni-b").public_key().public_bytes_raw()},
    ],
)
def test_a_message_says_nothing_in_another_place(changed):
    with pytest.raises(errors.MaskError, match="uni-a"):
        read(written(), **changed)


def test_parts_cannot_be_moved_into_each_other():
    texts = [("ab", "c"), ("a", "bc"), ("abc",), (b"ab", "c"), ("ab", "c", ""), (1, 2), (258,)]

    assert len({letters.digest(*parts) for parts in texts}) == len(texts)
