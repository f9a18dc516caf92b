"""Pages of the door, by what the person comes for."""
