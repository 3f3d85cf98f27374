"""The municipality's money: the run, the batch, signatures, the bank."""
