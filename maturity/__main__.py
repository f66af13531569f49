"""`python -m maturity`: the engines without the site."""

import sys

from maturity.cli import main

sys.exit(main(sys.argv[1:]))
