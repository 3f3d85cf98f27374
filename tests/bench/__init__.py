"""What is measured, and what it must not fall below (make bench)."""
