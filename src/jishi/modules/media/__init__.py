"""Media: pictures of shops, decoded and encoded anew, served in four sizes for ever.

Owns table ``media`` and the files under ``<home>/media``. Tells and hears no events. No byte of an uploaded
file is ever served; a row is written only after its files are stored.
"""

from jishi.kit.pictures import picture_src as picture_src
from jishi.modules.media.papers import keep_paper as keep_paper
from jishi.modules.media.papers import paper_answer as paper_answer
from jishi.modules.media.papers import papers_of_shop as papers_of_shop
from jishi.modules.media.service import media_of_shop as media_of_shop
from jishi.modules.media.types import Media as Media
from jishi.modules.media.upload import keep_uploads as keep_uploads
