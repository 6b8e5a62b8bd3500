"""`python -m pullscope`: the command line without an installed script."""

import sys

from pullscope.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
