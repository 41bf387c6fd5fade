"""Simulation of a workspace in use: what happens by itself as time goes on."""

from . import reactions, sending, webhook_deliveries

__all__ = ["reactions", "sending", "webhook_deliveries"]  # Their import registers actions and listeners.
