"""What is allowed between a person and a provider. Pure: facts in, answers or a Refusal out."""
