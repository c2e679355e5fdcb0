// What DATABASE_URL says: for those who read logs, where the database is, never the password; for the driver, which TLS is meant.

/** `host:port/database`; for a URL that cannot be read, just that. */
export function placeOf(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl)) return 'of DATABASE_URL';
  const { hostname, port, pathname, searchParams } = new URL(databaseUrl);
  const host = searchParams.get('host') ?? (hostname || 'localhost');
  return `${host}:${port || '5432'}${pathname === '' ? '/' : pathname}`;
}

/**
 * With `sslmode` `prefer`, `require` and `verify-ca` certificate and name are verified as with `verify-full`: who asks for TLS gets one that nobody can
 * get between. Today's driver does that by itself, with a warning that it will not always. Whoever wants PostgreSQL's own meaning adds `uselibpqcompat=true`.
 */
export function withStrictTls(databaseUrl: string): string {
  if (/[?&]uselibpqcompat=true(&|$)/.test(databaseUrl)) return databaseUrl;
  return databaseUrl.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/g, '$1verify-full');
}
