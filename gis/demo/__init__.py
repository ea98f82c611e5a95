"""A made-up district from a seed: deterministic, synthetic and large enough to work on."""

from gis.demo.load import load
from gis.demo.making import make
from gis.demo.numbers import PROFILES
from gis.demo.stories import Story, stories

__all__ = ["PROFILES", "Story", "load", "make", "stories"]
