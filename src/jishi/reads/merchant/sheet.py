"""Files merchants open in a spreadsheet: the words of ``web.sheet``."""

from jishi.web.sheet import BOM as BOM
from jishi.web.sheet import RISKY as RISKY
from jishi.web.sheet import cell as cell
from jishi.web.sheet import lines as lines
from jishi.web.sheet import number as number
