"""Models and enumerations: decoding, encoding, drift, UNSET."""
