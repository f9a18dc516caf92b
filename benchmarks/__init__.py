"""What the product takes beside what it is compared with; results and how to read them in README.md."""
