"""Calibration of the sandbox: where its answers differ from recorded ones."""
