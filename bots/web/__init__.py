"""The bot's own web server: health, metrics, and whatever routes the adapters bring."""
