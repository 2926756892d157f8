"""The report as one HTML file: no network, no library, all that it needs inside."""
