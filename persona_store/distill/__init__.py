"""From passages to a portrait: facets of closed kinds, each with the words it rests on."""
