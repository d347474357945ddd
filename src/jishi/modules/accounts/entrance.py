"""What the pages of this module share: cookies, limits, forms shown again."""

from datetime import timedelta
from typing import Any, Final

from litestar import Response

from jishi import web
from jishi.kit.errors import Refusal, Refusals
from jishi.kit.ids import AccountId
from jishi.modules.accounts.types import LIFE, CodeUnsendable, LoginKind, LoginName
from jishi.web import csrf, limits
from jishi.web.answer import redirect
from jishi.web.limits import Limit
from jishi.web.pages import local_path

SIGN_IN_NAME: Final = Limit("sign_in.name", 10, timedelta(minutes=15))
SIGN_IN_ADDRESS: Final = Limit("sign_in.address", 60, timedelta(minutes=15))
SIGN_UP_ADDRESS: Final = Limit("sign_up.address", 30, timedelta(hours=1))
CODE_PACE: Final = Limit("code.pace", 1, timedelta(seconds=60))
CODE_NAME: Final = Limit("code.name", 6, timedelta(hours=1))
CODE_ADDRESS: Final = Limit("code.address", 30, timedelta(hours=1))
PASSWORD_TRY: Final = Limit("password.account", 10, timedelta(minutes=15))

Problem = Refusal | Refusals


async def count_sign_in(request: web.AnyRequest, name: LoginName) -> None:
    """Raises Limited."""
    await limits.spend(
        request, (SIGN_IN_NAME, name.value), (SIGN_IN_ADDRESS, limits.client_address(request))
    )


async def count_sign_up(request: web.AnyRequest) -> None:
    """Raises Limited."""
    await limits.spend(request, (SIGN_UP_ADDRESS, limits.client_address(request)))


async def count_code(request: web.AnyRequest, name: LoginName) -> None:
    """Raises Limited."""
    await limits.spend(
        request,
        (CODE_PACE, name.value),
        (CODE_NAME, name.value),
        (CODE_ADDRESS, limits.client_address(request)),
    )


def require_sending(request: web.AnyRequest, name: LoginName) -> None:
    """Raises CodeUnsendable where nothing carries a message; in development /dev/inbox shows it."""
    settings = web.settings(request)
    carrier = "sms_url" if name.kind is LoginKind.PHONE else "smtp_url"
    if settings.is_production and not getattr(settings, carrier, None):
        raise CodeUnsendable


def has_dev_inbox(request: web.AnyRequest) -> bool:
    return not web.settings(request).is_production


def let_in(request: web.AnyRequest, token: str, path: str) -> Response[Any]:
    """303 to ``path`` (of this site, else home) with the session cookie."""
    answer: Response[Any] = redirect(local_path(path))
    answer.set_cookie(
        key=csrf.SESSION_COOKIE,
        value=token,
        max_age=int(LIFE.total_seconds()),
        path="/",
        httponly=True,
        samesite="lax",
        secure=csrf.is_secure(request),
    )
    return answer


def let_out(request: web.AnyRequest, path: str) -> Response[Any]:
    """303 to ``path`` without the session cookie."""
    answer: Response[Any] = redirect(path)
    answer.set_cookie(
        key=csrf.SESSION_COOKIE,
        value="",
        max_age=0,
        path="/",
        httponly=True,
        samesite="lax",
        secure=csrf.is_secure(request),
    )
    return answer


def forget(request: web.AnyRequest, account_id: AccountId) -> None:
    """This process forgets at once what the others forget when they are notified."""
    identities = getattr(request.app.state, "identities", None)
    if identities is not None:
        identities.drop(account_id)


def shown_again(
    request: web.AnyRequest, template: str, problem: Problem, **ctx: Any
) -> Response[str]:
    """The form with what is wrong beside its fields."""
    first = problem.items[0] if isinstance(problem, Refusals) else problem
    wait = first.facts.get("retry_seconds")
    return web.page(
        request,
        template,
        status=web.status_of(problem),
        headers={"retry-after": str(wait)} if wait else None,
        errors=web.field_errors(request, problem),
        **ctx,
    )
