"""A course around lti1p3platform (OpenLearning, MIT): `python -m tests.platforms.openlearning PORT TOOL`."""

from __future__ import annotations

import sys
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request

from tests.platforms import shell


def _pems() -> tuple[str, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public.decode()


class _Platform(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, registration: Registration) -> None:
        self._registration = registration

    def get_registration_by_params(self, **_: Any) -> Registration:
        raise AssertionError("the registration is given")


class _Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint: str) -> None:
        self._lti_message_hint = hint

    def get_redirect(self, url: str) -> str:
        return url


class _Asked(Request):
    def build_metadata(self, request: dict[str, str]) -> Any:
        return {"method": "GET", "get_data": request, "form_data": {}, "headers": {}}


class _Launch(LTIAdvantageMessageLaunchAbstract):
    def render_launch_form(self, launch_data: dict[str, Any], **_: Any) -> dict[str, str]:
        return {"state": launch_data["state"], "id_token": launch_data["id_token"]}


class OpenLearning:
    """As `shell.Library`."""

    def __init__(self, course: shell.Course) -> None:
        self._course = course
        self._registration = (
            Registration()
            .set_iss(course.base)
            .set_client_id(shell.CLIENT)
            .set_deployment_id(shell.DEPLOYMENT)
            .set_oidc_login_url(f"{course.tool}/lti/login")
            .set_launch_url(f"{course.tool}/lti/launch")
            .set_deeplink_launch_url(f"{course.tool}/lti/launch")
            .set_tool_key_set_url(f"{course.tool}/lti/jwks")
        )
        self.rotate()

    def rotate(self) -> None:
        """As `shell.Library.rotate`."""
        private, public = _pems()
        self._registration.set_platform_private_key(private).set_platform_public_key(public)
        self._platform = _Platform(registration=self._registration)

    def login(self, person: str, link: str) -> str:
        """As `shell.Library.login`."""
        login = _Login(None, self._platform)
        login.set_lti_message_hint(hint=f"{person}:{link}")
        if link in self._course.links:
            login.set_launch_url(self._course.links[link]["url"])
        return str(login.initiate_login(person))

    def launch(self, sent: dict[str, str], link: dict[str, Any] | None) -> dict[str, str]:
        """As `shell.Library.launch`."""
        launch = _Launch(_Asked(sent), self._platform)
        person = sent["lti_message_hint"].partition(":")[0]
        launch.set_user_data(person, [shell.MEMBERSHIP + shell.PERSONS[person]], full_name=f"Person {person}")
        launch.set_launch_context_claim(shell.COURSE["id"], context_title=shell.COURSE["title"])
        launch.set_nrps(f"{self._course.base}/members")
        if link is None:
            launch.set_dl(f"{self._course.base}/picked", accept_types={"ltiResourceLink"})
        else:
            launch.set_launch_url(link["url"])
            launch.set_resource_link_claim(link["id"], title=link["title"])
            launch.set_custom_parameters_claim(link["custom"])
            launch.set_ags(f"{self._course.base}/ags/lineitems", link.get("lineitem"))
        fields: dict[str, str] = launch.lti_launch()
        return fields

    def jwks(self) -> dict[str, Any]:
        """As `shell.Library.jwks`."""
        return dict(self._platform.get_jwks())

    def token(self, sent: dict[str, str]) -> dict[str, Any]:
        """As `shell.Library.token`; the library fetches the tool's keys once, so each request asks anew."""
        self._registration.set_tool_key_set({})  # type: ignore[typeddict-item]  # an empty set is fetched again
        return dict(self._platform.get_access_token(sent))

    def admits(self, token: str, scopes: list[str]) -> bool:
        """As `shell.Library.admits`."""
        return self._platform.validate_token(token, scopes)

    def items(self, jwt: str) -> list[dict[str, Any]]:
        """As `shell.Library.items`."""
        self._registration.set_tool_key_set({})  # type: ignore[typeddict-item]  # an empty set is fetched again
        return self._platform.validate_deeplinking_resp({"JWT": jwt})


if __name__ == "__main__":
    shell.serve(OpenLearning, int(sys.argv[1]), sys.argv[2])
