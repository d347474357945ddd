"""``python -m jishi`` is the command ``jishi``."""

import sys

from jishi.cli import main

if __name__ == "__main__":
    sys.exit(main())
