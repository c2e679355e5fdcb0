// Which Node can run Hearth. Written so that even a very old Node can say what is wrong with it.

export const oldestNode = '20.19.0';

/** A sentence if this version (`20.19.0`) is too old, else undefined. */
export function nodeComplaint(version) {
  const [major, minor] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = oldestNode.split('.').map(Number);
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return undefined;
  return `needs Node ${oldestNode} or newer, and this is Node ${version}; install a newer one from https://nodejs.org.`;
}
