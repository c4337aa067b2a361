"""What the tool says of itself to a platform: a client registration, and the JSON of a Canvas developer key. Floor 3.

1EdTech LTI Dynamic Registration 1.0, section 3.5; the JSON is that of the Canvas documentation, "Manually configuring
LTI Advantage tools". It asks for no name and no mail: what the tool does not get it cannot lose.
"""

from __future__ import annotations

from typing import Any

from lti_tool import claims, families, login, platforms, texts
from lti_tool.families import Family

SCOPES = (
    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
    "https://purl.imsglobal.org/spec/lti-ags/scope/score",
    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly",
)
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CANVAS = "canvas.instructure.com"
LABELS = {claims.RESOURCE_LINK: "tool.open", claims.DEEP_LINKING: "tool.pick"}


def client(url: str, family: Family) -> dict[str, Any]:
    """The tool as a client that registers (RFC 7591, section 2, with the members that LTI adds).

    Args:
        url: The tool's public address.
        family: Of the platform that will read it.
    """
    say = {language: texts.speaker(language) for language in texts.LANGUAGES}
    messages = [
        {
            "type": kind,
            "target_link_uri": login.launch_url(url),
            "label": say["en"](label),
            "label#zh": say["zh"](label),
            **({"placements": list(family.placements[kind])} if kind in family.placements else {}),
            **({_extension("course_navigation/default_enabled"): False} if _navigates(family, kind) else {}),
        }
        for kind, label in LABELS.items()
    ]
    return {
        "application_type": "web",
        "grant_types": ["client_credentials", "implicit"],
        "response_types": ["id_token"],
        "client_name": say["en"]("tool.name"),
        "client_name#zh": say["zh"]("tool.name"),
        "initiate_login_uri": f"{url}/lti/login",
        "redirect_uris": [login.launch_url(url)],
        "jwks_uri": f"{url}/lti/jwks",
        "logo_uri": f"{url}/lti/static/icon.svg",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(SCOPES),
        TOOL: {
            "domain": platforms.origin(url).partition("://")[2],
            "description": say["en"]("tool.description"),
            "description#zh": say["zh"]("tool.description"),
            "target_link_uri": login.launch_url(url),
            "claims": ["iss", "sub"],
            "custom_parameters": families.custom(family),
            "messages": messages,
            **({_extension("privacy_level"): "anonymous"} if family.hosted else {}),
        },
    }


def canvas(url: str) -> dict[str, Any]:
    """The JSON with which a Canvas administrator makes a developer key; nothing in it is secret.

    Args:
        url: The tool's public address.
    """
    say = texts.speaker("en")
    family = families.FAMILIES["canvas"]
    placements = [
        {
            "placement": placement,
            "message_type": kind,
            "text": say(label),
            "target_link_uri": login.launch_url(url),
            **({"default": "disabled"} if placement == "course_navigation" else {}),
            **({"selection_width": 900, "selection_height": 700} if kind == claims.DEEP_LINKING else {}),
        }
        for kind, label in LABELS.items()
        for placement in family.placements[kind]
    ]
    return {
        "title": say("tool.name"),
        "description": say("tool.description"),
        "oidc_initiation_url": f"{url}/lti/login",
        "target_link_uri": login.launch_url(url),
        "scopes": list(SCOPES),
        "public_jwk_url": f"{url}/lti/jwks",
        "custom_fields": families.custom(family),
        "extensions": [
            {
                "platform": CANVAS,
                "domain": platforms.origin(url).partition("://")[2],
                "tool_id": "entrepot",
                "privacy_level": "anonymous",
                "settings": {
                    "text": say("tool.name"),
                    "icon_url": f"{url}/lti/static/icon.svg",
                    "placements": placements,
                },
            }
        ],
    }


def _navigates(family: Family, kind: str) -> bool:
    """Whether a link would stand in every course: it is off until an instructor turns it on."""
    return "course_navigation" in family.placements.get(kind, ())


def _extension(name: str) -> str:
    return f"https://{CANVAS}/lti/{name}"
