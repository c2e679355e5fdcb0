// What an epoch can be.

/**
 * Far more leaders than there will ever be. What is above it comes from a broken file or a broken peer: whoever believed it would refuse every
 * leader from then on, and no lock could go beyond it.
 */
export const epochMost = 2n ** 62n;
