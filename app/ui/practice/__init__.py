"""What there is only in practice: the band, school days, faults of the practice SIS."""
