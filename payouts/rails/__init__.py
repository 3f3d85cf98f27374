"""How a signed batch leaves the house, and how the answer is read: bank files, folders and Stripe."""
