"""What is on the map and how it leaves the house; it knows no Flask."""
