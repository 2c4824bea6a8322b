"""What deplint costs, as ratios taken in one run: machines differ and are noisy, ratios less so."""
