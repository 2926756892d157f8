"""`python -m cnnspec`"""

import sys

from cnnspec.cli import main

if __name__ == "__main__":
    sys.exit(main())
