"""The Subject's own place: being asked, signing, looking, striking, taking it back, by a link alone."""
