"""What yields Documents from material somebody hands in: exports of chats, folders of documents."""
