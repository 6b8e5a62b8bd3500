"""`python -m pullscope`: the command line without an installed script (the lab's background process starts so)."""

import sys

from pullscope.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
