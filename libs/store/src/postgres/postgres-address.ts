// What DATABASE_URL says, for those who read logs: where the database is, never the password.

/** `host:port/database`; for a URL that cannot be read, just that. */
export function placeOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'of DATABASE_URL';
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
  const host = searchParams.get('host') ?? (hostname || 'localhost');
  return `${host}:${port || '5432'}${pathname === '' ? '/' : pathname}`;
}
