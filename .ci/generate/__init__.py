"""Makes what is kept in the repository but follows from the code; not part of the wheel.

`.ci/regenerate` writes it, `.ci/regenerate --check` says whether it is fresh:
`completions/`, `man/`, the commands in README.md, and `gitlembic/cli/own_commands.py`.
"""
