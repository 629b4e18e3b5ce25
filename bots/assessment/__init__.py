"""Impact assessment, ethics review, records of processing and filing: what a compliance officer reads and signs."""
