"""`python -m mpconform` is `mpconform`."""

from mpconform.cli import main

raise SystemExit(main())
