"""Many migrations -> one: what may be replaced, how the file looks, and what "equal" is. No I/O."""
