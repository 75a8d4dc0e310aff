"""One folder per modality: scan, decode, prepare, encode, thumbnail; and what they share."""
