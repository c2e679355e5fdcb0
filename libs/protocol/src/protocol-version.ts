/** Sent in Hello, Welcome, heartbeat and its reply. A peer with another version is refused, or left, with both numbers in the text. */
export const protocolVersion = 1;
