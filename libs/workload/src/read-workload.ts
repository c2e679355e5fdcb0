// Reads a workload file: a checked workload, or every problem with its line and its field. Pure: gets text, answers values.
import { isMap, isNode, isPair, LineCounter, parseDocument, type Document } from 'yaml';
import type { z } from 'zod';
import { contradictions, type FieldPath } from './contradictions';
import { type Workload, workloadJsonSchema, workloadSchema } from './workload-file';

export interface FileProblem {
  /** From 1. */
  readonly line: number;
  /** `scenarios[0].arrivals.poisson`; empty for the whole file. */
  readonly field: string;
  readonly sentence: string;
}
export type ReadWorkload =
  | { readonly workload: Workload; readonly problems?: undefined }
  | { readonly problems: readonly FileProblem[]; readonly workload?: undefined };

export const fieldText = (path: FieldPath): string =>
  path.map((part, at) => (typeof part === 'number' ? `[${part}]` : at === 0 ? part : `.${part}`)).join('');

/** `workload.yaml:12: scenarios[0].start: is …`, one line for each problem. */
export const problemLine = (file: string, { line, field, sentence }: FileProblem): string =>
  `${file}:${line}: ${field === '' ? '' : `${field}: `}${sentence}`;

/** Reads YAML (or JSON, which is YAML). */
export function readWorkload(text: string): ReadWorkload {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, merge: true });
  const lineOf = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  if (document.errors.length > 0) {
    const problems = document.errors.map(({ pos, message }) => ({
      line: lineOf(pos[0]),
      field: '',
      sentence: message,
    }));
    return { problems };
  }
  const at = (path: FieldPath): number => lineOf(offsetOf(document, path));
  const parsed = workloadSchema.safeParse(document.toJS({ maxAliasCount: 1_000 }));
  if (parsed.success) {
    const found = contradictions(parsed.data);
    if (found.length === 0) return { workload: parsed.data };
    return { problems: found.map(({ path, sentence }) => ({ line: at(path), field: fieldText(path), sentence })) };
  }
  const problems = parsed.error.issues.flatMap((issue) =>
    sentencesOf(issue, []).map(({ path, sentence }) => ({ line: at(path), field: fieldText(path), sentence })),
  );
  return { problems: problems.sort((left, right) => left.line - right.line) };
}

/** Where the field is written, by its name where it has one; else where the nearest field around it is. */
function offsetOf(document: Document, path: FieldPath): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const parent = depth === 1 ? document.contents : document.getIn(path.slice(0, depth - 1), true);
    const name = path[depth - 1]!;
    if (isMap(parent)) {
      const pair = parent.items.find((item) => isPair(item) && String(item.key) === String(name));
      if (pair && isNode(pair.key) && pair.key.range) return pair.key.range[0];
    } else {
      const node = document.getIn(path.slice(0, depth), true);
      if (isNode(node) && node.range) return node.range[0];
    }
  }
  return document.contents?.range?.[0] ?? 0;
}

type Issue = z.core.$ZodIssue;
interface Sentence {
  readonly path: FieldPath;
  readonly sentence: string;
}

function sentencesOf(issue: Issue, around: FieldPath): Sentence[] {
  const path = [...around, ...(issue.path as (string | number)[])];
  if (issue.code === 'unrecognized_keys') {
    const known = knownFields(path);
    return issue.keys.map((key) => ({ path: [...path, key], sentence: `is no field here; there are ${known}` }));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    // The form that was meant is the one that does not complain of the type of the whole.
    const meant = issue.errors.find((issues) =>
      issues.every((inner) => inner.path.length > 0 || inner.code !== 'invalid_type'),
    );
    if (meant) return meant.flatMap((inner) => sentencesOf(inner as Issue, path));
    return [{ path, sentence: 'has none of the forms that are allowed here' }];
  }
  return [{ path, sentence: lowerFirst(issue.message) }];
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
}

/** The names of fields at this path, from the JSON schema. */
function knownFields(path: FieldPath): string {
  let nodes: readonly SchemaNode[] = [workloadJsonSchema() as SchemaNode];
  const spread = (node: SchemaNode): readonly SchemaNode[] => node.anyOf?.flatMap(spread) ?? [node];
  for (const part of path) {
    nodes = nodes.flatMap((node) => {
      const next = typeof part === 'number' ? node.items : node.properties?.[part];
      return next ? spread(next) : [];
    });
  }
  return [...new Set(nodes.flatMap(({ properties = {} }) => Object.keys(properties)))].join(', ');
}
