"""One use case each: returns a result, prints nothing."""
