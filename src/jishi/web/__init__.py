"""HTTP: reading requests, answering with pages and problems, who may do what. Knows no domain."""

from jishi.web.auth import Identity as Identity
from jishi.web.auth import ShopRole as ShopRole
from jishi.web.errors import field_errors as field_errors
from jishi.web.errors import status_of as status_of
from jishi.web.errors import words as words
from jishi.web.pages import page as page
from jishi.web.request import AnyRequest as AnyRequest
from jishi.web.request import Id as Id
from jishi.web.request import idempotency_key as idempotency_key
from jishi.web.request import identity as identity
from jishi.web.request import ids as ids
from jishi.web.request import is_htmx as is_htmx
from jishi.web.request import now as now
from jishi.web.request import path_id as path_id
from jishi.web.request import pool as pool
from jishi.web.request import read as read
from jishi.web.request import read_form as read_form
from jishi.web.request import read_json as read_json
from jishi.web.request import request_hash as request_hash
from jishi.web.request import service as service
from jishi.web.request import settings as settings
from jishi.web.request import signed_in as signed_in
from jishi.web.request import transaction as transaction
from jishi.web.request import upload as upload
from jishi.web.request import wants_json as wants_json
