"""What takes too long for every run of the suite: `python -m tests.soak.publishing 200`."""
