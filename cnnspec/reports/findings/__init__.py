"""What check finds: in a terminal, and in the forms that other programs read; the catalogue of rules; what fmt did."""
