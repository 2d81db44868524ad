"""The checks, a module a group; `registry.py` lists them."""
