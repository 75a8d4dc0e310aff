"""Music by rule: scales, harmony, melody, voices, rhythm and form, and a check for every rule."""
