"""A course around lti-consumer-xblock (Open edX, AGPL-3.0, never shipped), in an environment of its own.

`make platforms` makes it.

.venv-openedx/bin/python -m tests.platforms.openedx PORT TOOL
"""

from __future__ import annotations

import sys
from typing import Any

import django
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings

from tests.platforms import shell

settings.configure(
    PLATFORM_NAME="Entrepot's test of Open edX",
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    LTI_BASE="http://127.0.0.1",
    LTI_API_BASE="http://127.0.0.1",
    FEATURES={},
    USE_TZ=True,
    SECRET_KEY="a test",  # a Django without sessions needs some text
)
django.setup()

from lti_consumer.data import Lti1p3LaunchData  # noqa: E402  # Django must be configured first
from lti_consumer.lti_1p3.consumer import LtiAdvantageConsumer  # noqa: E402  # Django must be configured first

ROLES = {"Learner": "student", "Instructor": "instructor"}


class OpenEdx:
    """As `shell.Library`."""

    def __init__(self, course: shell.Course) -> None:
        self._course = course
        self._kid = 0
        self.rotate()

    def rotate(self) -> None:
        """As `shell.Library.rotate`."""
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._kid += 1
        self._pem = private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    def _consumer(self) -> Any:
        launch = f"{self._course.tool}/lti/launch"
        consumer = LtiAdvantageConsumer(
            iss=self._course.base,
            lti_oidc_url=f"{self._course.tool}/lti/login",
            lti_launch_url=launch,
            client_id=shell.CLIENT,
            deployment_id=shell.DEPLOYMENT,
            rsa_key=self._pem,
            rsa_key_id=f"key-{self._kid}",
            redirect_uris=[launch],
            tool_keyset_url=f"{self._course.tool}/lti/jwks",
        )
        consumer.enable_deep_linking(launch, f"{self._course.base}/picked")
        return consumer

    def login(self, person: str, link: str) -> str:
        """As `shell.Library.login`; the hint of this library is a key of its cache, so ours is appended."""
        data = Lti1p3LaunchData(
            user_id=person,
            user_role=ROLES[shell.PERSONS[person]],
            config_id=f"config-{person}-{link}",
            resource_link_id=link,
            message_type="LtiDeepLinkingRequest" if link == "picking" else "LtiResourceLinkRequest",
            context_id=shell.COURSE["id"],
        )
        consumer = self._consumer()
        if link in self._course.links:
            consumer.set_dl_content_launch_parameters(url=self._course.links[link]["url"])
        url = consumer.prepare_preflight_url(data)
        return f"{url}%20{person}:{link}"

    def launch(self, sent: dict[str, str], link: dict[str, Any] | None) -> dict[str, str]:
        """As `shell.Library.launch`."""
        hint, _, mine = sent["lti_message_hint"].rpartition(" ")
        person = mine.partition(":")[0]
        consumer = self._consumer()
        consumer.set_user_data(person, ROLES[shell.PERSONS[person]], full_name=f"Person {person}")
        consumer.set_context_claim(shell.COURSE["id"], context_title=shell.COURSE["title"])
        consumer.enable_nrps(f"{self._course.base}/members")
        if link is not None:
            consumer.set_dl_content_launch_parameters(url=link["url"], custom=link["custom"])
            consumer.set_resource_link_claim(link["id"], title=link["title"])
            consumer.enable_ags(
                f"{self._course.base}/ags/lineitems",
                link.get("lineitem"),
                allow_programmatic_grade_interaction=True,
            )
        fields: dict[str, str] = consumer.generate_launch_request({**sent, "lti_message_hint": hint})
        return fields

    def jwks(self) -> dict[str, Any]:
        """As `shell.Library.jwks`."""
        keys: dict[str, Any] = self._consumer().get_public_keyset()
        return keys

    def token(self, sent: dict[str, str]) -> dict[str, Any]:
        """As `shell.Library.token`."""
        found: dict[str, Any] = self._consumer().access_token(sent)
        return found

    def admits(self, token: str, scopes: list[str]) -> bool:
        """As `shell.Library.admits`."""
        return bool(self._consumer().check_token(token, scopes))

    def items(self, jwt: str) -> list[dict[str, Any]]:
        """As `shell.Library.items`."""
        found: list[dict[str, Any]] = self._consumer().check_and_decode_deep_linking_token(jwt)
        return found


if __name__ == "__main__":
    shell.serve(OpenEdx, int(sys.argv[1]), sys.argv[2])
