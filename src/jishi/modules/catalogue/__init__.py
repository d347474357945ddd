"""Catalogue: products with up to three attributes and up to 500 SKUs, drafted, listed, delisted.

Owns tables ``product``, ``sku``, ``product_version``, ``product_audit``, ``goods_policy``, ``goods_word``,
``goods_sheet`` and ``goods_sheet_row``; reads ``category``, the names of shops and the sizes of pictures.
Tells ``catalogue.listed``, ``catalogue.delisted`` and ``catalogue.changed``; hears ``shops.changed`` for
the words goods are found by.
A SKU is on sale only while it is switched on and its product listed; a listed product has a picture
and a price.
"""

from jishi.modules.catalogue.audit_rules import LOOK as LOOK
from jishi.modules.catalogue.audit_rules import Finding as Finding
from jishi.modules.catalogue.audit_rules import Policy as Policy
from jishi.modules.catalogue.audit_rules import refusals_of as refusals_of
from jishi.modules.catalogue.choosing import category_levels as category_levels
from jishi.modules.catalogue.choosing import chosen_category as chosen_category
from jishi.modules.catalogue.choosing import find_categories as find_categories
from jishi.modules.catalogue.choosing import read_id as read_id
from jishi.modules.catalogue.condition import CONDITION_WORDS as CONDITION_WORDS
from jishi.modules.catalogue.condition import set_condition as set_condition
from jishi.modules.catalogue.history import CAUSE_WORDS as CAUSE_WORDS
from jishi.modules.catalogue.history import Standing as Standing
from jishi.modules.catalogue.history import kept as kept
from jishi.modules.catalogue.history import last_listed as last_listed
from jishi.modules.catalogue.history import list_versions as list_versions
from jishi.modules.catalogue.history import snapshots as snapshots
from jishi.modules.catalogue.history import version_snapshot as version_snapshot
from jishi.modules.catalogue.moderation import Matcher as Matcher
from jishi.modules.catalogue.moderation import Word as Word
from jishi.modules.catalogue.policy import talk_words as talk_words
from jishi.modules.catalogue.rules import attribute_problems as attribute_problems
from jishi.modules.catalogue.rules import carried as carried
from jishi.modules.catalogue.rules import combinations as combinations
from jishi.modules.catalogue.rules import price_problems as price_problems
from jishi.modules.catalogue.service import add_products as add_products
from jishi.modules.catalogue.service import category as category
from jishi.modules.catalogue.service import change_prices as change_prices
from jishi.modules.catalogue.service import delist as delist
from jishi.modules.catalogue.service import edit_product as edit_product
from jishi.modules.catalogue.service import get_product as get_product
from jishi.modules.catalogue.service import hold_products as hold_products
from jishi.modules.catalogue.service import leave_audit as leave_audit
from jishi.modules.catalogue.service import list_products as list_products
from jishi.modules.catalogue.service import reword_shop as reword_shop
from jishi.modules.catalogue.service import rewrite_products as rewrite_products
from jishi.modules.catalogue.service import set_on_sale as set_on_sale
from jishi.modules.catalogue.service import skus_of_shop as skus_of_shop
from jishi.modules.catalogue.types import BULK_MAX as BULK_MAX
from jishi.modules.catalogue.types import PICTURES_MAX as PICTURES_MAX
from jishi.modules.catalogue.types import Added as Added
from jishi.modules.catalogue.types import AddVerdict as AddVerdict
from jishi.modules.catalogue.types import Attribute as Attribute
from jishi.modules.catalogue.types import Changed as Changed
from jishi.modules.catalogue.types import ChangeVerdict as ChangeVerdict
from jishi.modules.catalogue.types import InAudit as InAudit
from jishi.modules.catalogue.types import Known as Known
from jishi.modules.catalogue.types import NewPrice as NewPrice
from jishi.modules.catalogue.types import NewProduct as NewProduct
from jishi.modules.catalogue.types import NewSku as NewSku
from jishi.modules.catalogue.types import Picture as Picture
from jishi.modules.catalogue.types import PictureInvalid as PictureInvalid
from jishi.modules.catalogue.types import Product as Product
from jishi.modules.catalogue.types import ProductNotFound as ProductNotFound
from jishi.modules.catalogue.types import ProductState as ProductState
from jishi.modules.catalogue.types import Refused as Refused
from jishi.modules.catalogue.types import Sku as Sku
from jishi.modules.catalogue.types import SkuNotFound as SkuNotFound
from jishi.modules.catalogue.types import TooManyRows as TooManyRows
from jishi.modules.catalogue.versions import Change as Change
from jishi.modules.catalogue.versions import Snapshot as Snapshot
from jishi.modules.catalogue.versions import changes_of as changes_of
from jishi.modules.catalogue.versions import differences as differences
from jishi.modules.catalogue.versions import key_of_sku as key_of_sku
from jishi.modules.catalogue.versions import patched as patched
from jishi.modules.catalogue.versions import product_of as product_of
from jishi.modules.catalogue.words import search_text as search_text
