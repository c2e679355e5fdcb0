"""A package, so that no module of an action can be mistaken for one of these."""
