"""HTTP for accounts."""

from jishi.modules.accounts import routes_api, routes_me, routes_sign_in

routes = [*routes_sign_in.routes, *routes_me.routes, *routes_api.routes]
