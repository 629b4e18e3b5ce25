"""Vectors of texts, from an endpoint that speaks OpenAI's embeddings or from a package on this machine."""
