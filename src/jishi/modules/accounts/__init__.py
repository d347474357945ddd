"""Accounts: people, the names they sign in with, their sessions and platform roles.

Owns tables ``account``, ``login``, ``session``, ``platform_role``, ``one_time_code``. Announces
and hears nothing; tells every process through NOTIFY ``session_ended`` and ``identity_changed``
(payload: the account id). A sign-in name belongs to one account in the whole market; a session token is
known to its browser only, here stands its hash.
"""

from jishi.modules.accounts.passwords import hash_password as hash_password
from jishi.modules.accounts.service import close_account as close_account
from jishi.modules.accounts.service import find_by_login as find_by_login
from jishi.modules.accounts.service import get_account as get_account
from jishi.modules.accounts.service import grant_role as grant_role
from jishi.modules.accounts.service import list_role_holders as list_role_holders
from jishi.modules.accounts.service import names_of as names_of
from jishi.modules.accounts.service import open_account as open_account
from jishi.modules.accounts.service import revoke_role as revoke_role
from jishi.modules.accounts.service_sessions import end_all_sessions as end_all_sessions
from jishi.modules.accounts.service_sessions import forget_old as forget_old
from jishi.modules.accounts.service_sessions import note_use as note_use
from jishi.modules.accounts.service_sessions import open_session as open_session
from jishi.modules.accounts.tokens import locate_session as locate_session
from jishi.modules.accounts.types import IDLE as IDLE
from jishi.modules.accounts.types import USE_NOTED_EVERY as USE_NOTED_EVERY
from jishi.modules.accounts.types import Account as Account
from jishi.modules.accounts.types import LoginTaken as LoginTaken
from jishi.modules.accounts.types import Role as Role
