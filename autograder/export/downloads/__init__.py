"""What other systems pack of a whole class, as a class that can be graded."""
