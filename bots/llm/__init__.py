"""The language model: any endpoint that speaks OpenAI's chat completions, bounded in time, tokens and trust."""
