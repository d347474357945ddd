"""Places: the regions of China and people's address books.

Owns table ``address``; reads ``region``, which ``jishi.data`` fills. Tells and hears no events.
A live address in China names a district or street that the region list knows; an account has at
most 50 addresses, one of them the default as long as it has any.
"""

from jishi.modules.places.rules import masked as masked
from jishi.modules.places.service import create_address as create_address
from jishi.modules.places.service import find_default as find_default
from jishi.modules.places.service import get_address as get_address
from jishi.modules.places.service import list_addresses as list_addresses
from jishi.modules.places.service import list_regions as list_regions
from jishi.modules.places.service import snapshots as snapshots
from jishi.modules.places.types import Address as Address
from jishi.modules.places.types import AddressDraft as AddressDraft
from jishi.modules.places.types import AddressNotFound as AddressNotFound
