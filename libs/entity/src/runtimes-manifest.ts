// The runtimes manifest (OpenWhisk's runtimes.json): which kinds there are, what `family:default` means, and which containers to keep warm.
//
// Guarantee: a manifest that was read has exactly one default per family, and every stem cell names a positive count and a whole
// number of megabytes. Reading is pure; the file is the caller's business.
import { z } from 'zod';

const image = z.object({
  registry: z.string().optional(),
  prefix: z.string().optional(),
  name: z.string().min(1),
  tag: z.string().optional(),
});

const stemCell = z
  .object({
    initialCount: z.int().positive().optional(),
    /** OpenWhisk's older name. */
    count: z.int().positive().optional(),
    memory: z.string().regex(/^\d+ ?MB$/i, 'expected e.g. "256 MB"'),
    reactive: z
      .object({
        minCount: z.int().nonnegative(),
        maxCount: z.int().positive(),
        ttl: z.string(),
        threshold: z.int().positive(),
        increment: z.int().positive(),
      })
      .optional(),
  })
  .refine(({ initialCount, count }) => initialCount !== undefined || count !== undefined, 'initialCount is missing');

const runtime = z.object({
  kind: z.string().regex(/^[a-z0-9]+:[a-z0-9.]+$/, 'expected family:version'),
  image,
  default: z.boolean().default(false),
  deprecated: z.boolean().default(false),
  attached: z.object({ attachmentName: z.string(), attachmentType: z.string() }).optional(),
  requireMain: z.boolean().default(false),
  sentinelledLogs: z.boolean().default(true),
  /** Ours: all that an action can leave behind is processes, and files that a new start of the container does not see. */
  wipeable: z.boolean().default(false),
  stemCells: z.array(stemCell).default([]),
});

const manifestFile = z.object({
  runtimes: z.record(z.string(), z.array(runtime)),
  blackboxes: z.array(image).default([]),
});

export interface StemCells {
  readonly kind: string;
  readonly count: number;
  readonly memoryMb: number;
  /** Within which bounds a scheduler that prewarms reactively follows demand. */
  readonly reactive?: z.infer<typeof stemCell>['reactive'];
}

export interface Runtime {
  readonly kind: string;
  readonly family: string;
  readonly image: string;
  readonly isDefault: boolean;
  readonly isDeprecated: boolean;
  readonly isAttached: boolean;
  readonly requiresMain: boolean;
  readonly hasSentinels: boolean;
}

export interface RuntimesManifest {
  /** Every kind, in the order of the file. */
  readonly kinds: readonly string[];
  readonly stemCells: readonly StemCells[];
  /** Kinds whose used containers can be wiped for another action. */
  readonly wipeableKinds: readonly string[];
  /** By kind, or by `family:default`; undefined if it is not offered. */
  runtime(kind: string): Runtime | undefined;
  /** `runtimes` of the info document. */
  info(): Record<string, object[]>;
}

function imageName({ registry, prefix, name, tag }: z.infer<typeof image>): string {
  return `${registry ? `${registry}/` : ''}${prefix ? `${prefix}/` : ''}${name}${tag ? `:${tag}` : ''}`;
}

function readRuntime(family: string, entry: z.infer<typeof runtime>): Runtime {
  return {
    kind: entry.kind,
    family,
    image: imageName(entry.image),
    isDefault: entry.default,
    isDeprecated: entry.deprecated,
    isAttached: entry.attached !== undefined,
    requiresMain: entry.requireMain,
    hasSentinels: entry.sentinelledLogs,
  };
}

function byFamily(runtimes: readonly Runtime[]): Map<string, Runtime[]> {
  const families = new Map<string, Runtime[]>();
  for (const one of runtimes) families.set(one.family, [...(families.get(one.family) ?? []), one]);
  return families;
}

/** The default of a family; a single kind is one without saying so. */
function defaultOf(family: string, runtimes: readonly Runtime[]): Runtime | undefined {
  if (runtimes.length === 1) return runtimes[0];
  const defaults = runtimes.filter(({ isDefault }) => isDefault);
  if (runtimes.length > 1 && defaults.length !== 1) {
    throw new Error(`runtimes manifest: family "${family}" has ${defaults.length} defaults; mark exactly one kind.`);
  }
  return defaults[0];
}

/**
 * Reads a manifest. `only` (from the setting KINDS) restricts it to these kinds. Throws an Error with one sentence that says what is
 * wrong where.
 */
export function readRuntimesManifest(content: unknown, only?: readonly string[]): RuntimesManifest {
  const parsed = manifestFile.safeParse(content);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new Error(`runtimes manifest: ${issue.path.join('.')}: ${issue.message}.`);
  }
  const offered = (kind: string): boolean => only === undefined || only.includes(kind);
  const entries = Object.entries(parsed.data.runtimes).flatMap(([family, list]) =>
    list.filter(({ kind }) => offered(kind)).map((entry) => ({ entry, runtime: readRuntime(family, entry) })),
  );
  const known = new Map(entries.map(({ runtime: one }) => [one.kind, one]));
  const unknown = only?.filter((kind) => !known.has(kind)) ?? [];
  if (unknown.length > 0) throw new Error(`runtimes manifest: has no kind "${unknown[0]}"; correct KINDS.`);
  const families = byFamily([...known.values()]);
  const defaults = new Map([...families].map(([family, list]) => [`${family}:default`, defaultOf(family, list)]));
  return {
    kinds: [...known.keys()],
    stemCells: entries.flatMap(({ entry }) =>
      entry.stemCells.map(({ initialCount, count, memory, reactive }) => ({
        kind: entry.kind,
        count: (initialCount ?? count)!,
        memoryMb: Number.parseInt(memory, 10),
        ...(reactive ? { reactive } : {}),
      })),
    ),
    wipeableKinds: entries.filter(({ entry }) => entry.wipeable).map(({ entry }) => entry.kind),
    runtime: (kind) => known.get(kind) ?? defaults.get(kind),
    info: () =>
      Object.fromEntries(
        [...families].map(([family, list]) => [
          family,
          list.map((one) => ({
            kind: one.kind,
            image: one.image,
            deprecated: one.isDeprecated,
            default: defaults.get(`${family}:default`) === one,
            attached: one.isAttached,
            requireMain: one.requiresMain,
          })),
        ]),
      ),
  };
}
