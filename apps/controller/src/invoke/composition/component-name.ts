// Which action a conductor means: `a`, `package/a`, `/namespace/package/a` or `namespace/package/a`, `_` for the caller's namespace. Pure.
import { type EntityName, isName, jsonNestingMax, nestingOf, ownNamespace } from '#entity';

/** `value` is JSON text. Undefined: it names no action. */
export function componentName(value: string, callerNamespace: string): EntityName | undefined {
  if (!value.startsWith('"')) return undefined;
  const path = JSON.parse(value) as string;
  const segments = path.split('/').filter((segment) => segment !== '');
  const isAbsolute = path.startsWith('/');
  if (segments.length > 3 || segments.length < (isAbsolute ? 2 : 1) || !segments.every(isName)) return undefined;
  const [first, second, third] = isAbsolute || segments.length === 3 ? segments : [ownNamespace, ...segments];
  const namespace = first === ownNamespace ? callerNamespace : first!;
  return third === undefined
    ? { namespace, packageName: undefined, name: second! }
    : { namespace, packageName: second!, name: third };
}

/** How a value that names none is quoted: as compact JSON, unless it is nested too deep to be written anew. */
export function valueText(value: string): string {
  return nestingOf(value, jsonNestingMax) > jsonNestingMax ? value : JSON.stringify(JSON.parse(value));
}
