"""Pictures of a chain: rows and edges first, then glyphs, files and pages from the same rows."""
