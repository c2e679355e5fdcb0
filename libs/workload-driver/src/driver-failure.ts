// What ends a run before it measured anything; the message is one sentence for users.
export class DriverFailure extends Error {}
