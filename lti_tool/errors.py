"""What can go wrong in a launch or on a page, as one tree. Floor 3.

LtiToolError
    ConfigurationError
    Refused
        LoginRefused
        LaunchRefused
        KeyUnavailable
        PageRefused
        RegistrationRefused
    ServiceError
    Overtaken

A `Refused` becomes a page: its `code` finds the words in both languages (`error.<code>.what`, `error.<code>.right`),
its `status` is 4xx (503 while the store is away), and the log gets the code and a reference id, never a token, a name
or what somebody sent.
"""

from __future__ import annotations

from collections.abc import Mapping

CODES: dict[str, int] = {
    # login (OpenID Connect third-party initiated login; 1EdTech Security Framework 1.0, section 5.1.1.1)
    "login_parameter_missing": 400,
    "login_parameter_too_long": 400,
    "platform_unknown": 400,
    "platform_pending": 403,
    "client_ambiguous": 400,
    "target_foreign": 400,
    "too_many_logins": 429,
    # the way back (section 5.1.1.3)
    "platform_error": 400,
    "state_missing": 400,
    "state_unknown": 400,
    "state_expired": 400,
    "state_not_bound": 400,
    "token_missing": 400,
    "token_malformed": 400,
    "algorithm_refused": 400,
    "key_id_missing": 400,
    "key_unknown": 400,
    "keys_unavailable": 424,
    "signature_wrong": 400,
    "claim_missing": 400,
    "claim_invalid": 400,
    "issuer_mismatch": 400,
    "audience_mismatch": 400,
    "authorized_party_mismatch": 400,
    "nonce_mismatch": 400,
    "token_expired": 400,
    "token_from_future": 400,
    "token_too_old": 400,
    "deployment_unknown": 400,
    "version_unsupported": 400,
    "message_unsupported": 400,
    "target_mismatch": 400,
    # registration (1EdTech LTI Dynamic Registration 1.0, section 3)
    "invite_unknown": 403,
    "invite_used": 403,
    "invite_expired": 403,
    "invite_foreign": 403,
    "invite_busy": 409,
    "platform_known": 409,
    "configuration_unsafe": 400,
    "configuration_unavailable": 424,
    "configuration_malformed": 424,
    "issuer_foreign": 400,
    "endpoint_foreign": 400,
    "registration_unavailable": 424,
    "registration_refused": 424,
    "registration_malformed": 424,
    # the link and the page
    "catalog_unknown": 400,
    "activity_unknown": 400,
    "activity_empty": 404,
    "activity_closed": 403,
    "role_unknown": 400,
    "skill_unknown": 400,
    "module_unknown": 400,
    "return_foreign": 400,
    "links_not_taken": 400,
    "permission_missing": 403,
    "person_blocked": 403,
    "person_mismatch": 403,
    "page_expired": 403,
    "page_not_ours": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "too_large": 413,
    "too_many_requests": 429,
    "store_unavailable": 503,
}


SETUP = frozenset(
    code for code in CODES if code.startswith(("invite_", "configuration_", "registration_", "issuer_f", "endpoint_"))
) | {"platform_known"}
"""What only the administrator of a platform meets, while it registers."""


class LtiToolError(Exception):
    """Anything that this room raises on purpose."""


class ConfigurationError(LtiToolError):
    """The tool cannot start: the text is one line that says what is wrong, where, and what would be right."""


class Refused(LtiToolError):
    """A request that ends as a 4xx page with a reference id.

    Attributes:
        code: a key of `CODES`, and of both locales.
        where: the claim, parameter or header at fault; a constant of ours, never what was sent.
        status: the HTTP status.
        frames: origins whose pages may show the error; empty if the platform is not known.
        again: the parameters of the login, to begin once more; empty if not known.
        language: of the page, where the launch told it; empty if it did not.
    """

    def __init__(self, code: str, where: str = "") -> None:
        super().__init__(f"{code} at {where}" if where else code)
        self.frames: tuple[str, ...] = ()
        self.again: Mapping[str, str] = {}
        self.language = ""
        self.code = code
        self.where = where
        self.status = CODES[code]


class LoginRefused(Refused):
    """The login initiation cannot lead to a launch."""


class LaunchRefused(Refused):
    """The launch does not belong to a login of ours, or its id_token does not hold."""


class KeyUnavailable(Refused):
    """The platform's public key could not be had."""


class PageRefused(Refused):
    """A form of a page came back without a valid bearer, or with a choice that does not exist."""


class RegistrationRefused(Refused):
    """A platform cannot register: its invite, its configuration or its answer does not hold."""


class ServiceError(LtiToolError):
    """A service of a platform did not do what it was asked; the text holds nothing that it sent.

    Attributes:
        kind: "unsafe" (an address that must not be asked), "unreachable", "timeout", "unauthorised" (no token, or 401
            and 403 with a fresh one), "conflict" (409), "busy" (429), "failing" (5xx), "refused" (any other status),
            or "malformed" (an answer that cannot be read).
        status: The HTTP status; 0 if there was none.
        retry_after: Seconds that it asked to wait; None if it did not say.
    """

    TEMPORARY = frozenset({"unreachable", "timeout", "busy", "failing"})

    def __init__(self, kind: str, status: int = 0, *, retry_after: float | None = None) -> None:
        super().__init__(f"{kind} ({status})" if status else kind)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after

    @property
    def temporary(self) -> bool:
        """Whether the same call may succeed later."""
        return self.kind in self.TEMPORARY


class Overtaken(LtiToolError):
    """Somebody else does by now what this one had begun: a lease has run out."""
