"""Random-weight graphs with the contracts of public models, for the programme's tests."""
