"""What makes a network wrong. The messages are made where the mistake is met; here stand their pages."""
