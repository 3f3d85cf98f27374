"""The calculator: what a tariff pays for a life that somebody makes up. Nothing is stored."""
