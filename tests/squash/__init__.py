"""The pure part of a squash, by values."""
