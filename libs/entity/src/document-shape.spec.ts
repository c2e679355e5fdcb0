// What a PUT makes has the shape; what lost a member on which the entity layer relies has not.
import { defaultLimits } from '#limits';
import { composeAction, readActionPut } from './action-put';
import { type DocumentKind, isDocument } from './document-shape';
import { manifestFile } from './manifest-under-test';
import { composePackage, readPackagePut } from './package-put';
import { composeRule, readRulePut } from './rule-put';
import { readRuntimesManifest } from './runtimes-manifest';
import { withRule } from './trigger';
import { composeTrigger, readTriggerPut } from './trigger-put';

const context = { manifest: readRuntimesManifest(manifestFile), limits: defaultLimits, namespace: 'guest', own: {} };
const lists = { parameters: [{ key: 'p', value: null }], annotations: [{ key: 'a', value: { b: [1] } }] };
const action = (exec: object) => composeAction(readActionPut({ exec, ...lists }, context), undefined, context);
const trigger = composeTrigger(readTriggerPut(lists, 1_000), undefined);
const link = { action: { path: 'guest/p', name: 'a' }, status: 'active' } as const;
const rule = composeRule(readRulePut({ trigger: '/_/t', action: '/_/p/a' }, 'guest', 1_000), undefined);
const bound = composePackage(readPackagePut({ binding: { namespace: '_', name: 'p' } }, 'guest', 1_000), undefined);
const documents: readonly (readonly [DocumentKind, object])[] = [
  ['actions', action({ kind: 'nodejs:20', code: 'x' })],
  ['actions', action({ kind: 'java:8', code: 'x', main: 'Main' })],
  ['actions', action({ kind: 'blackbox', image: 'some/image' })],
  ['actions', action({ kind: 'sequence', components: ['/_/a', '/_/b'] })],
  ['packages', composePackage(readPackagePut(lists, 'guest', 1_000), undefined)],
  ['packages', bound],
  ['triggers', trigger],
  ['triggers', withRule(trigger, { namespace: 'guest', packageName: undefined, name: 'r' }, link)],
  ['triggers', { ...trigger, webhook: { digest: 'abc', headers: ['x-y'] } }],
  ['rules', rule],
];
const stored = (document: unknown): unknown => JSON.parse(JSON.stringify(document));
const optional = new Set(['binding', 'rules', 'webhook']);

describe('isDocument', () => {
  it.each(documents)('takes what was made for %s: %j', (kind, document) => {
    expect(isDocument(kind, stored(document))).toBe(true);
    expect(isDocument(kind, stored({ ...document, ofALaterVersion: [] }))).toBe(true);
  });

  it.each(documents)('refuses one of %s in which a member is lost or something else: %j', (kind, document) => {
    for (const name of Object.keys(document)) {
      if (!optional.has(name)) expect(isDocument(kind, stored({ ...document, [name]: undefined }))).toBe(false);
      for (const wrong of [null, 7, [7]]) expect(isDocument(kind, stored({ ...document, [name]: wrong }))).toBe(false);
    }
  });

  it.each([null, 7, 'text', [], {}, true])('refuses %j in every collection', (value) => {
    for (const kind of ['actions', 'packages', 'triggers', 'rules'] as const)
      expect(isDocument(kind, value)).toBe(false);
  });

  it('refuses lists, limits and links that are broken inside', () => {
    const [, made] = documents[0]!;
    for (const broken of [{ parameters: [{ value: 1 }] }, { limits: { timeout: 1 } }, { exec: { kind: 'sequence' } }])
      expect(isDocument('actions', { ...made, ...broken })).toBe(false);
    expect(isDocument('triggers', { ...trigger, rules: { 'guest/r': { status: 'active' } } })).toBe(false);
  });
});
