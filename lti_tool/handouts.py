"""Peer reviews are given out: by the instructor's button, or by themselves once works are due. Floor 3.

The background worker looks each minute; and so does the first page of the project after the deadline, where a learner
or an instructor is faster than the worker. By itself it happens once: the lease and the mark that reviews were given
out are one document, which changes as a whole.
"""

from __future__ import annotations

import hashlib

import numpy as np

from lti_tool import courses, projects, reviews, teams
from lti_tool.projects import Setting
from lti_tool.roster import members
from lti_tool.roster.container import LEFT
from lti_tool.tool import Tool
from lti_tool.vault import Vault
from recommender import peers
from storage.port import Storage


def vault(tool: Tool) -> Vault:
    """The store and the keys for one piece of work."""
    return Vault(tool.storage, tool.keyring, lambda count: hashlib.sha256(tool.new_token().encode()).digest()[:count])


def give(tool: Tool, sealed: Vault, setting: Setting, *, once: bool = False) -> peers.Allotted | None:
    """Give out the reviews of a project, as `reviews.give_out` does.

    Args:
        tool: The running tool.
        sealed: The store and the keys.
        setting: Of the project.
        once: Only if nobody has given them out yet.
    """
    storage, course = tool.storage, setting.course
    away = {one.learner for one in members.of_course(storage, course) if one.state == LEFT}
    works = projects.of_project(storage, course, setting.project)
    seed = int.from_bytes(hashlib.sha256(tool.new_token().encode()).digest()[:8], "big")
    asked = reviews.Round(setting, works, away, groups(storage, course))
    return reviews.give_out(sealed, asked, np.random.default_rng(seed), tool.now(), once=once)


def on_time(tool: Tool, setting: Setting) -> Setting:
    """Give out the reviews of a project whose works are due; what is set then."""
    if not is_due(setting, tool.now()) or give(tool, vault(tool), setting, once=True) is None:
        return setting
    return projects.setting(tool.storage, setting.course, setting.project)


def give_due(tool: Tool) -> int:
    """Give out the reviews of every project whose works are due; of how many.

    Safe in several processes at once, and to be killed at any moment: what was begun is done again after the lease.
    """
    due = [one for one in projects.every(tool.storage) if is_due(one, tool.now())]
    return sum(give(tool, vault(tool), one, once=True) is not None for one in due)


def is_due(setting: Setting, now: float) -> bool:
    """Whether reviews are to be given out by themselves."""
    return bool(setting.reviews and setting.due and not setting.given and now > setting.due)


def groups(storage: Storage, course: str) -> dict[str, str]:
    """The team of each learner of a course who sits in one: of a link that forms teams."""
    links = courses.links(storage, course)
    return {one.learner: one.table for link in links for one in teams.everybody(storage, link.link) if one.table}
