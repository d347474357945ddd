"""Reviews: what buyers say of what they bought, the shop's answers, votes, reports, counts and order.

Owns tables ``review``, ``review_vote``, ``review_report``, ``review_summary``, ``review_sku_summary``
and ``review_shop_summary``. Announces ``reviews.written``, ``reviews.held``, ``reviews.followed_up``,
``reviews.answered``, ``reviews.hidden`` and ``reviews.shown_again``; listens to nothing.
One review per order line; counts equal what is shown, because whoever changes a review of a shop
holds the shop's summary row. The order of lists is published in docs/reviews.md.
"""

from jishi.modules.reviews.service import answer as answer
from jishi.modules.reviews.service import count_anew as count_anew
from jishi.modules.reviews.service import edit as edit
from jishi.modules.reviews.service import follow_up as follow_up
from jishi.modules.reviews.service import get_own as get_own
from jishi.modules.reviews.service import get_review as get_review
from jishi.modules.reviews.service import hide as hide
from jishi.modules.reviews.service import import_reviews as import_reviews
from jishi.modules.reviews.service import mark_due as mark_due
from jishi.modules.reviews.service import rank_due as rank_due
from jishi.modules.reviews.service import report as report
from jishi.modules.reviews.service import settle_reports as settle_reports
from jishi.modules.reviews.service import show_again as show_again
from jishi.modules.reviews.service import trust_votes as trust_votes
from jishi.modules.reviews.service import vote as vote
from jishi.modules.reviews.service import write as write
from jishi.modules.reviews.storage import review_of as review_of
