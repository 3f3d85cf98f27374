"""The rails: files to the bank, its answers, the folders, Stripe."""
