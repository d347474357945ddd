"""``python -m jishi.sandbox``: see ``cli``."""

import sys

from jishi.sandbox.cli import main

if __name__ == "__main__":
    sys.exit(main())
