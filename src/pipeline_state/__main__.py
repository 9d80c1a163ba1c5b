"""`python -m pipeline_state` is `pipeline-state`."""

from pipeline_state.cli.main import main

raise SystemExit(main())
