"""Reference data shipped with Jishi: the category tree and the administrative regions of China.

Owns tables ``category``, ``region`` and ``reference_data``. The files beside this one are made by
``tools/make_data.py``; where they come from and their licences stand in NOTICE.
"""

from jishi.data.load import load_reference as load_reference
