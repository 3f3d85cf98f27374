"""What is asked about people, vouchers and reports. Lists come as rows of columns, not as entities."""
