"""Floor 3, the money: what is due, who signed, how it left."""
