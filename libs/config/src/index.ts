// Settings come from the environment, are read once into one typed object, and a start with bad ones fails listing all of them.
import { z } from 'zod';
import { type Limits, readLimits } from '#limits';

export * from './checkout';

/** Exit code of a process that refuses its settings (sysexits: EX_CONFIG). */
export const badSettingsExitCode = 78;

export class BadSettings extends Error {
  constructor(readonly complaints: readonly string[]) {
    super(complaints.join('\n'));
    this.name = 'BadSettings';
  }
}

/**
 * Reads an app's settings by its schema (keys are variable names) and the limits. Throws BadSettings with one sentence for each bad
 * variable; empty text counts as unset.
 */
export function readSettings<Shape extends z.ZodRawShape>(
  shape: Shape,
  env: NodeJS.ProcessEnv = process.env,
): z.infer<z.ZodObject<Shape>> & { limits: Limits } {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const { limits, complaints } = readLimits(env);
  const parsed = z.object(shape).safeParse(given);
  if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const name = String(issue.path[0]);
      complaints.push(
        given[name] === undefined
          ? `${name} is not set: ${issue.message}.`
          : `${name} is ${shown(name, given[name]!)}: ${issue.message}.`,
      );
    }
  }
  if (complaints.length > 0 || !parsed.success) throw new BadSettings(complaints);
  return { ...parsed.data, limits };
}

/** What a complaint may quote: no secrets, and no passwords in URLs. */
function shown(name: string, value: string): string {
  return /(SECRET|TOKEN|PASSWORD|_KEYS?|^DATABASE_URL)$/.test(name)
    ? 'not usable'
    : `"${value.replace(/\/\/[^/]*@/, '//...@')}"`;
}

/** `host:port` */
export const listenAddress = z
  .string()
  .regex(/^[^:]+:\d{1,5}$/, 'expected host:port')
  .transform((text) => {
    const at = text.lastIndexOf(':');
    return { host: text.slice(0, at), port: Number(text.slice(at + 1)) };
  });

/** Of a PostgreSQL. Never shown: it holds a password, at one of several places. */
export const databaseUrl = z
  .string()
  .refine(
    (text) => /^postgres(ql)?:\/\/./.test(text) && URL.canParse(text),
    'expected postgres://user:password@host:port/database; write @, / and : of a password as %40, %2F and %3A',
  );

/** A secret of at least 16 characters; there is no default. */
export const secret = z.string().min(16, 'expected at least 16 characters; npm start makes one in the data directory');
