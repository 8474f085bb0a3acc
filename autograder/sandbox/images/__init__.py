"""The images that sandboxes and graders run from: what is in them, and how they are built."""
