"""What leaves the course for the students."""
