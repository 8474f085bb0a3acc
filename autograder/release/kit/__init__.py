"""What travels with every release as it is, or as a template."""
