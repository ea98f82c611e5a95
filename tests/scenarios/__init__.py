"""Ten scenarios of redrawing and ten nasty inputs, each by its name; `test_all_are_here` counts them."""
