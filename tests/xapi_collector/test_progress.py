"""How far a job is stays in the store, and keeps others from meeting it."""

import pytest

from xapi_collector import errors, progress


def test_facts_are_added_to_those_that_are_kept_until_the_job_ends(lrs):
    progress.write(lrs.storage, progress.ROTATION, phase="walking", cursor=1)
    progress.write(lrs.storage, progress.ROTATION, cursor=2)

    assert progress.read(lrs.storage, progress.ROTATION) == {"job": "rotation", "phase": "walking", "cursor": 2}
    progress.clear(lrs.storage, progress.ROTATION)
    assert progress.read(lrs.storage, progress.ROTATION) is None


def test_what_would_meet_a_job_is_refused_by_its_name(quick):
    progress.refuse_during(quick.storage, progress.ROTATION, "A backup")
    progress.write(quick.storage, progress.ROTATION)

    with pytest.raises(errors.JobError, match="A backup has to wait: the job 'rotation' has not ended"):
        progress.refuse_during(quick.storage, progress.ROTATION, "A backup")
