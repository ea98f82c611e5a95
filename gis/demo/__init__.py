"""A made-up district from a seed: deterministic, synthetic and large enough to work on."""
