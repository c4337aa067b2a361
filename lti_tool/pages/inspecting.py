"""To come. Floor 3."""

from __future__ import annotations

from flask import Blueprint

from lti_tool.tool import Tool


def blueprint(tool: Tool) -> Blueprint:
    """The page's own forms."""
    return Blueprint("inspecting", __name__)
