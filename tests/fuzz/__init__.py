"""What ``make fuzz`` feeds: every decoder, in every direction, and the parser of typed answers."""
