// Every sentence that users read, verbatim as OpenWhisk writes it. Clients and tests compare these texts, so spelling mistakes
// ("segement") are intended; the compatibility notes say where each was measured.
//
// Guarantee: no other file of the product spells out such a sentence. Only texts here; status and headers belong to rejections.ts.

/** Answers of the REST API: the `error` member. */
const apiMessages = {
  // authentication and rights
  noCredentials: 'The resource requires authentication, which was not supplied with the request',
  badCredentials: 'The supplied authentication is invalid',
  notAuthorized: (resource: string) => `The supplied authentication is not authorized to access '${resource}'.`,
  notAuthorizedForKind: (kind: string) =>
    `The supplied authentication is not authorized to access actions of kind '${kind}'.`,

  // routes and methods
  routeNotFound: 'The requested resource could not be found.',
  methodNotAllowed: (methods: string) => `HTTP method not allowed, supported methods: ${methods}`,
  notAcceptable: (type: string) => `Resource representation is only available with these types:\n${type}`,
  unsupportedContentType: (type: string) =>
    `The request's Content-Type [${type}] is not supported. Expected:\napplication/json`,
  methodsOk: 'OK',

  // requests
  malformedContent: (detail: string) => `The request content was malformed:\n${detail}`,
  malformedQuery: (parameter: string, detail: string) => `The query parameter '${parameter}' was malformed:\n${detail}`,
  requirementFailed: (detail: string) => `requirement failed: ${detail}`,
  requestTooLarge: (sizeBytes: number, limitBytes: number) =>
    `Request larger than allowed: ${sizeBytes} > ${limitBytes} bytes.`,
  entityTooLarge: (part: string, sizeBytes: number, limitBytes: number) =>
    `${part} larger than allowed: ${sizeBytes} > ${limitBytes} bytes.`,
  objectExpected: 'JSON object expected',
  parametersNotAllowed: 'Request defines parameters that are not allowed (e.g., reserved properties).',
  uriTooLong: (max: number) => `URI length exceeds the configured limit of ${max} characters`,
  undecodablePath: 'The request path is not valid percent-encoded UTF-8.',

  // query parameters
  notBoolean: (value: string) => `'${value}' is not a valid Boolean value`,
  notInteger: (value: string, collection: string) => `The value '${value}' is not an integer for ${collection}.`,
  limitOutOfRange: (value: number, max: number, collection: string) =>
    `The value '${value}' is not in the range of 0 to ${max} for ${collection}.`,
  skipOutOfRange: (value: number, collection: string) =>
    `The value '${value}' is not greater than or equal to 0 for ${collection}.`,
  notEpoch: (value: string) => `Parameter is not a valid value for epoch seconds: ${value}`,
  badNameFilter: (value: string) => `Parameter may be a 'simple' name or 'package-name/simple' name: ${value}`,
  docsNotWithCount: "The parameter 'docs' is not permitted with 'count'.",
  timeoutOutOfRange: (maxMs: number) => `Timeout must be number of milliseconds up to ${maxMs}.`,

  // names
  namespaceTooLong: (length: number, max: number) => `Namespace longer than allowed: ${length} > ${max}.`,
  namespaceIllegal: 'The namespace contains illegal characters.',
  nameTooLong: (length: number, max: number) => `Name segement longer than allowed: ${length} > ${max}.`,
  nameIllegal: 'The name of the entity contains illegal characters.',
  packageReserved: (name: string) => `Package name '${name}' is reserved.`,
  notFullyQualified:
    'The fully qualified name of the entity must contain at least the namespace and the name of the entity.',

  // entities
  notFound: 'The requested resource does not exist.',
  resourceNotFound: (resource: string) => `The requested resource '${resource}' does not exist.`,
  exists: 'resource already exists',
  conflict: 'Concurrent modification to resource detected.',
  notInCollection: 'Resource by this name exists but is not in this collection.',
  packageNotEmpty: (count: number) =>
    `Package not empty (contains ${count} ${count === 1 ? 'entity' : 'entities'}). Set force param or delete package contents.`,
  notOnBinding: 'Operation not permitted on package binding.',
  bindingMalformed: 'binding must be an object with a namespace and a name',
  bindingMissing: 'Binding references a package that does not exist.',
  bindingToBinding: 'Cannot bind to another package binding.',
  bindingToOther: 'Cannot bind to a resource that is not a package.',
  bindingCircular: (name: string) => `Package binding '${name}' contains a circular reference.`,
  packageNoBinding: 'Resource is a package and cannot be converted into a binding.',
  referenceMalformed: 'expected the name of an entity: "/namespace/[package/]name", or an object with path and name',
  feedNotValid: 'Feed name is not valid',
  webhookHeadersMalformed: (max: number) => `headers has to be a list of at most ${max} names of HTTP headers.`,
  ruleIncomplete: 'rule requires a valid trigger and a valid action',
  ruleTriggerMissing: (name: string) => `trigger /${name} does not exist`,
  ruleActionMissing: (name: string) => `action /${name} does not exist`,
  ruleWithoutTrigger: 'Only rules with existing triggers can be activated',
  ruleStatusMissing: 'expected an object with a status that is a string',
  ruleStatusUnknown: (status: string) => `${status} is not a recognized rule state`,
  ruleInactive: (rule: string, action: string) => `Rule '${rule}' is inactive, action '${action}' was not activated.`,
  corrupt: 'Resource is corrupted and cannot be read.',
  /** What OpenWhisk says, and what its owner can do. */
  corruptUpdate: (members: string) =>
    `Resource is corrupted and cannot be read. Put it whole, with its ${members}, or delete it.`,
  parametersSealed:
    'The parameters are encrypted under a key that is not among PARAMETER_KEY and FORMER_PARAMETER_KEYS of this controller, or were damaged.',
  versionMalformed: 'semantic version malformed',
  parametersMalformed: 'parameters malformed!',

  // exec
  execUndefined: 'exec undefined',
  kindNotString: "'kind' must be a string defined in 'exec'",
  kindUnknown: (kind: string, kinds: readonly string[]) =>
    `The specified runtime '${kind}' is not supported by this platform. Valid values are: ${kinds.map((name) => `'${name}'`).join(', ')}.`,
  kindDeprecated: (kind: string) =>
    `The '${kind}' runtime is no longer supported. You may read and delete but not update or invoke this action.`,
  codeNotString: (kind: string) =>
    `'code' must be a string or attachment object defined in 'exec' for '${kind}' actions`,
  codeNotAttachment: (value: string) => `Could not deserialize as attachment record: ${value}`,
  mainNotString: (kind: string) => `'main' must be a string defined in 'exec' for '${kind}' actions`,
  mainNotStringIfDefined: (kind: string) => `if defined, 'main' be a string in 'exec' for '${kind}' actions`,
  imageNotString: "'image' must be a string defined in 'exec' for 'blackbox' actions",
  imageMalformed: 'could not parse image name',
  componentsUndefined: "'components' must be defined for sequence kind",
  componentsNotArray: "'components' must be an array",

  // sequences
  sequenceEmpty: 'No component specified for the sequence.',
  sequenceTooLong: 'Too many actions in the sequence.',
  sequenceCyclic: 'Sequence may not refer to itself.',
  sequenceComponentMissing: 'Sequence component does not exist.',

  // limits of an action
  belowLimit: (what: string, value: number, unit: string, min: number) =>
    `${what} ${value}${unit} below allowed threshold of ${min}${unit}`,
  aboveLimit: (what: string, value: number, unit: string, max: number) =>
    `${what} ${value}${unit} exceeds allowed threshold of ${max}${unit}`,
  limitMalformed: (what: string) => `${what} limit malformed`,
  limitNotWhole: (what: string) => `${what} limit must be whole number`,
  sizeNegative: 'a negative size of an object is not allowed.',
  instancesBelowConcurrency: (concurrency: number) =>
    `Action container concurrency must be greater than or equal to ${concurrency}.`,
  instancesAboveNamespace: (max: number) =>
    `Max action instance concurrency must not exceed your namespace concurrency of ${max}.`,

  // web actions
  authenticationFailed: 'Authentication is possible but has failed or not yet been provided.',
  responseNotReady: 'Response not yet ready.',
  errorProcessingRequest: 'There was an error processing your request.',
  propertyNotFound: 'Response does not include requested property.',
  invalidMedia: (type: string) => `Response is not valid '${type}'.`,
  unknownResponseType: 'Response did not specify a known content-type.',
  responseTypeMismatch: 'Response type in header did not match generated content type.',

  // activations
  activationIdLength: (length: number) => `Activation id length is ${length} but must be 32.`,
  activationIdIllegal: 'The activation id is not valid.',

  noSingleLimits: 'Inner entity level routes for limits are not yet implemented.',

  // capacity and failures
  tooManyRequests: (count: number, allowed: number) =>
    `Too many requests in the last minute (count: ${count}, allowed: ${allowed}).`,
  tooManyConcurrentRequests: (count: number, allowed: number) =>
    `Too many concurrent requests in flight (count: ${count}, allowed: ${allowed}).`,
  serverUnavailable: 'The server is currently unavailable (because it is overloaded or down for maintenance).',
  internalError: 'There was an internal server error.',
} as const;

const valid = 'The action did not produce a valid JSON or JSON Array response';

/** Texts inside activation records: `response.result.error`, and appended log lines. */
const activationMessages = {
  invalidResponse: (body: string) => (body === '' ? `${valid}.` : `${valid}: ${body}`),
  exitedDuringRun: 'The action did not produce a valid response and exited unexpectedly.',
  memoryExhausted: 'The action exhausted its memory and was aborted.',
  timedOutRun: (limitMs: number) => `The action exceeded its time limits of ${limitMs} milliseconds.`,
  timedOutInit: (limitMs: number) =>
    `The action exceeded its time limits of ${limitMs} milliseconds during initialization.`,
  invalidInitResponse: (body: string) =>
    body === '' ? 'The action failed during initialization.' : `The action failed during initialization: ${body}`,
  exitedDuringInit: 'The action did not initialize and exited unexpectedly.',
  /** `shown` is the part of the answer that is kept. */
  truncatedResponse: (sizeBytes: number, limitBytes: number, shown: string) =>
    `The action produced a response that exceeded the allowed length: ${sizeBytes} > ${limitBytes} bytes. The truncated response was: ${shown}`,
  imagePullFailed: (image: string) => `Failed to pull container image '${image}'.`,
  provisioning: 'Failed to provision resources to run the action.',
  actionRemoved: 'Action could not be found or may have been deleted.',
  actionIncompatible: 'Action version is not compatible and cannot be invoked.',
  actionUnreadable: 'Action could not be fetched.',
  namespaceBlocked: 'The action was not invoked due to a blacklisted namespace.',

  // sequences
  sequenceFailed: 'Sequence failed.',
  sequenceTimedOut: (activationId: string) =>
    `Timeout reached when retrieving activation ${activationId} for sequence component.`,

  // compositions
  compositionTooLong: 'Too many actions in the composition.',
  compositionFailed: 'Activation failure during composition.',
  compositionTimedOut: (activationId: string) =>
    `Timeout reached when retrieving activation ${activationId} during composition.`,
  /** `value` is JSON text. */
  compositionNameInvalid: (value: string) => `Failed to parse action name from json value ${value} during composition.`,
  compositionNameNotFound: (name: string) => `Failed to resolve action with name '${name}' during composition.`,
  compositionNameNotAllowed: (name: string) =>
    `Failed entitlement check for action with name '${name}' during composition.`,

  // log lines
  logsTruncated: (limitBytes: number) =>
    `Logs were truncated because the total bytes size exceeds the limit of ${limitBytes} bytes.`,
  logsIncomplete: 'There was an issue while collecting your logs. Data might be missing.',
  logsOfFailure: 'The action did not initialize or run as expected. Log data might be missing.',
} as const;

export const messages = { ...apiMessages, ...activationMessages } as const;
