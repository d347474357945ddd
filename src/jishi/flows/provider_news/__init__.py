"""News from payment providers, by callback or because a job asked: one place where it takes effect.

Composes ``take_payment`` and ``refund_orders``; owns no table.
"""

from jishi.flows.provider_news.flow import ProviderNews as ProviderNews
