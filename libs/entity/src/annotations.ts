// What annotations mean. OpenWhisk tests some of them for JSON `true` and others for truthiness; both ways are here.
import type { KeyValue } from './action';
import { mergeByKey } from './parameters';

export function annotation(annotations: readonly KeyValue[], key: string): unknown {
  return annotations.find((item) => item.key === key)?.value;
}

/** `web-export`, `raw-http`, `final`, `web-custom-options`: only the JSON boolean counts. */
export function isTrue(annotations: readonly KeyValue[], key: string): boolean {
  return annotation(annotations, key) === true;
}

/** `conductor`, `provide-api-key`: null, false, 0 and "" are false, everything else is true; `whenAbsent` if it is not there. */
export function isTruthy(annotations: readonly KeyValue[], key: string, whenAbsent: boolean): boolean {
  const value = annotation(annotations, key);
  return value === undefined ? whenAbsent : Boolean(value);
}

/** `hearth-retries`: how often a run that was lost is started again; a whole number, anything else is 0. A limit bounds it where it is used. */
export function retriesOf(annotations: readonly KeyValue[]): number {
  const value = annotation(annotations, 'hearth-retries');
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

/** What every action carries: its resolved kind, whatever the user says, and `provide-api-key: false` unless the user says otherwise. */
export function withSystemAnnotations(annotations: readonly KeyValue[], kind: string, isNew: boolean): KeyValue[] {
  const provided: KeyValue[] =
    isNew && annotation(annotations, 'provide-api-key') === undefined ? [{ key: 'provide-api-key', value: false }] : [];
  return mergeByKey(annotations, provided, [{ key: 'exec', value: kind }]);
}
