"""The launch as pylti1p3 sees it, after our own checks: its type and its settings. Floor 3.

The library is never asked whether a token is good (decision 13): it gets a body that `id_token` has verified,
and answers what the message is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pylti1p3.contrib.flask.cookie import FlaskCookieService
from pylti1p3.contrib.flask.request import FlaskRequest
from pylti1p3.contrib.flask.session import FlaskSessionService
from pylti1p3.exception import LtiException
from pylti1p3.message_launch import MessageLaunch
from pylti1p3.tool_config.dict import ToolConfDict

from lti_tool import errors
from lti_tool.platforms import Platform


class Message(MessageLaunch[Any, Any, Any, Any]):
    """A message whose body is already verified; it reads nothing from a request."""

    def _get_request_param(self, key: str) -> str:
        raise errors.LaunchRefused("message_unsupported", key)


def of(body: Mapping[str, Any], platform: Platform) -> Message:
    """Wrap a verified body.

    Raises:
        errors.LaunchRefused: The library does not take it for a message of this platform.
    """
    adapter: Any = FlaskRequest  # the library ships no types for its Flask adapter
    request = adapter(cookies={}, session={}, request_data={"state": ""}, request_is_secure=True)
    cookies: Any = FlaskCookieService
    message = Message(request, _configuration(platform), FlaskSessionService(request), cookies(request))
    message.set_auto_validation(enable=False)
    claims: Any = {**body, "aud": platform.client_id}
    message.set_jwt({"body": claims})
    try:
        message.validate_registration()
        message.validate_deployment()
        message.validate_message()
    except LtiException as error:
        raise errors.LaunchRefused("message_unsupported", "message") from error
    return message


def _configuration(platform: Platform) -> ToolConfDict:
    return ToolConfDict(
        {
            platform.iss: {
                "client_id": platform.client_id,
                "auth_login_url": platform.auth_url,
                "auth_token_url": platform.token_url,
                "key_set_url": platform.jwks_url,
                "deployment_ids": list(platform.deployments),
            }
        }
    )
