"""Volunteers and resources at work: teams and their reach, calls to cases, service points and their hours, density."""
