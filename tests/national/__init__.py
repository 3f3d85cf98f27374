"""The volumes of a whole country. `make national FILE=…` runs them on the published file."""
