"""What customers say about a contact, by link, poster, kiosk or mail; and whom to call back."""
