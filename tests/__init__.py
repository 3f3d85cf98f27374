"""The same floors and rooms as the house, with test_ in front; journeys/ walks the whole house."""
