"""The vendor's document: fetched, read, checked, corrected, and brought into one form."""
