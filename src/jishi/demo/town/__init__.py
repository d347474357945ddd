"""The town: simulated people who use an open market over HTTP, as browsers, programs and payers do.

``run_town`` lets shoppers in at a rate, shopkeepers ship and buyers confirm; the ``Tally`` tells what
was acknowledged and what went wrong. Nothing here touches the database.
"""

from jishi.demo.town.run import Town as Town
from jishi.demo.town.run import TownPlan as TownPlan
from jishi.demo.town.run import run_town as run_town
from jishi.demo.town.tally import Tally as Tally
