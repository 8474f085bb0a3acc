"""`python -m autograder` is the command too."""

import sys

from autograder.cli import main

sys.exit(main())
