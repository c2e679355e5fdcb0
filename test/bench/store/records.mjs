// The records of the bench, about 1 KB each, spread over two days, so over partitions where there are any.
//
// Of 50 actions all have equally many; few are of a package, and few have a rare name: what few have must be found as fast as what all have.
// `record` and `insertStatement` make the same ones, here and in the database.
export const dayMs = 86_400_000;
export const spreadMs = 2 * dayMs;
const actionsCount = 50;
/** One in so many. */
const rareEvery = 50_000;
const [packagedAt, rareAt] = [7, 9];
const padding = 'x'.repeat(700);

/** The record number `index` of `rows`, from `fromMs` on. */
export function record(index, rows, fromMs) {
  const start = fromMs + Math.floor((index * spreadMs) / rows);
  const activationId = start.toString(16).padStart(12, '0') + index.toString(16).padStart(20, '0');
  const packaged = index % rareEvery === packagedAt;
  const name = index % rareEvery === rareAt ? 'rare' : packaged ? 'action1' : `action${index % actionsCount}`;
  const end = start + 5;
  const summary = {
    ...{ namespace: 'guest', name, version: '0.0.1', activationId, start, end },
    ...{ duration: 5, statusCode: 0, publish: false },
  };
  return {
    ...{ namespace: 'guest', activationId, acceptedAt: start, start, end, name, statusCode: 0 },
    packageName: packaged ? 'package1' : undefined,
    summary: JSON.stringify(summary),
    record: JSON.stringify({ ...summary, response: { status: 'success', result: { padding } }, logs: [] }),
  };
}

/** In what the databases differ. */
const dialects = {
  sqlite: {
    hex: (value, width) => `printf('%0${width}x', ${value})`,
    series: (
      from,
      to,
    ) => `(with recursive series(i) as (select ${from} union all select i + 1 from series where i + 1 < ${to})
      select i from series) as numbers`,
  },
  postgres: {
    hex: (value, width) => `lpad(to_hex(${value}), ${width}, '0')`,
    series: (from, to) => `generate_series(${from}::bigint, ${to - 1}::bigint) as numbers(i)`,
  },
};

/** One statement that inserts those from `from` on, before `to`. */
export function insertStatement(dialect, { from, to, rows, fromMs }) {
  const { hex, series } = dialects[dialect];
  return `insert into activations (namespace, activation_id, accepted_at, start_at, end_at, name, package_name, status_code, summary, record)
    select 'guest', id, start, start, start + 5, name, package, 0, '{' || body || '}',
      '{' || body || ',"response":{"status":"success","result":{"padding":"${padding}"}},"logs":[]}'
    from (select *, '"namespace":"guest","name":"' || name || '","version":"0.0.1","activationId":"' || id || '","start":' || start ||
        ',"end":' || (start + 5) || ',"duration":5,"statusCode":0,"publish":false' as body
      from (select *, ${hex('start', 12)} || ${hex('i', 20)} as id,
          case when i % ${rareEvery} = ${packagedAt} then 'package1' end as package,
          case when i % ${rareEvery} = ${rareAt} then 'rare' when i % ${rareEvery} = ${packagedAt} then 'action1'
            else 'action' || (i % ${actionsCount}) end as name
        from (select i, ${fromMs} + i * ${spreadMs} / ${rows} as start from ${series(from, to)}) as timed) as named) as whole`;
}

/** Everything by which the API can ask for a list; all find something. */
export const filters = (fromMs) => ({
  'no filter': {},
  'a name that many have': { name: 'action2' },
  'a name that few have': { name: 'rare' },
  'a package that few have': { name: 'action1', packageName: 'package1' },
  since: { since: fromMs + spreadMs / 2 },
  upto: { upto: fromMs + spreadMs / 2 },
  'name, since and upto': { name: 'action2', since: fromMs + spreadMs / 4, upto: fromMs + spreadMs / 2 },
  'a name that few have, upto': { name: 'rare', upto: fromMs + spreadMs / 2 },
});
