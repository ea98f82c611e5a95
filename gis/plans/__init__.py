"""Plans: drafts of new boundaries, from the first stroke to the day they are in force."""
