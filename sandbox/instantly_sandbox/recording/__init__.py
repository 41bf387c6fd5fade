"""Recordings: requests with their answers, without what is nobody's business."""
