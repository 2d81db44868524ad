"""What gitlembic knows: no I/O, no third-party imports.

One vocabulary, here and in help texts, errors and JSON keys:

* location: a directory that Alembic loads migrations from;
* migration: a `.py` file there that assigns `revision` at module level; its identity is that
  revision id, never the file name;
* static, dynamic: its `down_revision` is written in the file, or it is
  `get_down_revision(revision)`;
* order: all migrations of a chain, oldest first, as git saw them arrive;
* line, end: the migrations that followed one another, and the newest of them;
* chain: the graph of declared parents (static migrations) and computed ones (dynamic);
* side head: the oldest of the static migrations that stand beside the line;
* birth: the commit on the first-parent line that brought the migration in.
"""
