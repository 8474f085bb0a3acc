"""Other systems' lists of students: read, matched with ours, and given back with our scores."""
