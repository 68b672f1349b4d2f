"""What a voice sounds like besides its words: an emotion vector of 15 named dimensions."""
