"""An app from one scan: the platform's own registration flow (`lark_oapi.scene.registration`), asked for exactly
the scopes, events and callbacks of permissions.py.

Whoever scans the code sees the list, confirms it, and the app comes into being in their tenant; we are given its id
and secret, and who they are, so that they can be its first admin. It is OAuth's device flow (RFC 8628) at
`accounts.feishu.cn`, or Lark's `accounts.larksuite.com` if it turns out that the tenant lives there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lark_oapi.scene.registration import (  # type: ignore[import-untyped]  # it carries no types
    AppAccessDeniedError,
    AppExpiredError,
    RegisterAppError,
    aregister_app,
)
from msgspec import Struct

from adapters.errors import Rejected, Unauthorised, Unreachable
from adapters.feishu.permissions import CALLBACKS, EVENTS, SCOPES
from adapters.secret import Secret

PLATFORM = "feishu"
LARK = "https://open.larksuite.com"


class Created(Struct, frozen=True):
    """The new app. `admin` is the open_id of who confirmed it, `domain` what UNDERSTUDY_FEISHU_DOMAIN must be
    ("" = the default)."""

    app_id: str
    app_secret: Secret
    admin: str = ""
    domain: str = ""


async def create_app(
    show: Callable[[str, int], None], *, name: str, about: str, domain: str = "https://open.feishu.cn"
) -> Created:
    """Calls `show` with the address to scan and the seconds it is good for, then waits for the yes. `domain` is the
    open platform's base. Raises Unauthorised if it was a no, Rejected if nobody confirmed in time, Unreachable if
    the platform was."""
    accounts = accounts_of(domain)
    told: list[str] = []
    try:
        made = await aregister_app(
            on_qr_code=lambda code: show(str(code["url"]), int(code["expire_in"])),
            on_status_change=lambda status: told.append(str(status.get("status"))),
            source="understudy",
            domain=accounts,
            lark_domain=accounts_of(LARK) if accounts.startswith("https://") else accounts,
            app_preset={"name": name, "desc": about},
            addons=addons(),
            create_only=True,
        )
    except AppAccessDeniedError:
        what = "the app was not confirmed · an admin may have to allow it; then run it again"
        raise Unauthorised(PLATFORM, what) from None
    except AppExpiredError:
        raise Rejected(PLATFORM, "nobody confirmed in time · run it again and scan the new code") from None
    except RegisterAppError as error:
        raise Rejected(PLATFORM, f"the app could not be made ({error.code})") from None
    except (KeyError, TypeError, ValueError):
        raise Unreachable(PLATFORM, "the registration was answered with something else than expected") from None
    except Exception as error:
        if not type(error).__module__.startswith("httpx"):
            raise
        raise Unreachable(PLATFORM, f"{accounts} could not be reached ({type(error).__name__})") from None
    person = made.get("user_info") or {}
    lark = "domain_switched" in told or person.get("tenant_brand") == "lark"
    return Created(
        app_id=str(made["client_id"]),
        app_secret=Secret(str(made["client_secret"])),
        admin=str(person.get("open_id") or ""),
        domain=LARK if lark else "",
    )


def accounts_of(domain: str) -> str:
    """Where accounts live beside an open platform; a local server is both."""
    return domain.rstrip("/").replace("://open.", "://accounts.", 1)


def addons() -> dict[str, Any]:
    """What the app asks for, and nothing besides: `preset` off leaves the platform's own selection out."""
    return {
        "preset": False,
        "scopes": {"tenant": sorted(SCOPES)},
        "events": {"items": {"tenant": sorted(EVENTS)}},
        "callbacks": {"items": list(CALLBACKS)},
    }
