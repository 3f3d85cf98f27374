"""What is due, and what follows from it. Pure and columnar: one voucher is a table with one row."""
