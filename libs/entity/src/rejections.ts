// The refusals by name: status, sentence, and whether CORS headers go with it.
//
// OpenWhisk adds CORS to whatever was produced after parsing succeeded (compatibility notes, R5): refusals by credentials, route,
// method, content type, name syntax, query parameter or malformed content carry none. This file is the only place that knows which.
import { messages } from './messages';
import { Rejection } from './rejection';

const withoutCors = false;

const challenge = { 'WWW-Authenticate': 'Basic realm="OpenWhisk secure realm",charset=UTF-8' };

export const rejections = {
  noCredentials: () => new Rejection(401, messages.noCredentials, withoutCors, challenge),
  badCredentials: () => new Rejection(401, messages.badCredentials, withoutCors, challenge),
  notAuthorized: (resource: string) => new Rejection(403, messages.notAuthorized(resource)),
  notAuthorizedForKind: (kind: string) => new Rejection(403, messages.notAuthorizedForKind(kind)),

  routeNotFound: () => new Rejection(404, messages.routeNotFound, withoutCors),
  uriTooLong: (max: number) => new Rejection(414, messages.uriTooLong(max), withoutCors),
  methodNotAllowed: (methods: string) =>
    new Rejection(405, messages.methodNotAllowed(methods), withoutCors, { Allow: methods }),
  notAcceptable: (type: string) => new Rejection(406, messages.notAcceptable(type), withoutCors),
  unsupportedContentType: (type: string) => new Rejection(415, messages.unsupportedContentType(type), withoutCors),

  malformed: (detail: string) => new Rejection(400, messages.malformedContent(detail), withoutCors),
  malformedQuery: (parameter: string, detail: string) =>
    new Rejection(400, messages.malformedQuery(parameter, detail), withoutCors),
  /** Names, activation ids and the path itself. */
  badSyntax: (message: string) => new Rejection(400, message, withoutCors),
  /** Parsed, understood and refused. */
  notValid: (message: string) => new Rejection(400, message),
  parametersNotAllowed: () => new Rejection(400, messages.parametersNotAllowed),
  requestTooLarge: (sizeBytes: number, limitBytes: number) =>
    new Rejection(413, messages.requestTooLarge(sizeBytes, limitBytes)),
  entityTooLarge: (part: string, sizeBytes: number, limitBytes: number) =>
    new Rejection(413, messages.entityTooLarge(part, sizeBytes, limitBytes)),

  /** Of web actions: what came back is not what the request's extension promises. */
  invalidMedia: (type: string) => new Rejection(400, messages.invalidMedia(type)),
  propertyNotFound: () => new Rejection(404, messages.propertyNotFound),
  unknownResponseType: () => new Rejection(400, messages.unknownResponseType),
  responseTypeMismatch: () => new Rejection(400, messages.responseTypeMismatch),
  errorProcessingRequest: () => new Rejection(400, messages.errorProcessingRequest),
  responseNotReady: () => new Rejection(202, messages.responseNotReady),
  authenticationFailed: () => new Rejection(401, messages.authenticationFailed),

  notFound: () => new Rejection(404, messages.notFound),
  notFoundBecause: (message: string) => new Rejection(404, message),
  resourceNotFound: (resource: string) => new Rejection(404, messages.resourceNotFound(resource)),
  exists: () => new Rejection(409, messages.exists),
  conflict: () => new Rejection(409, messages.conflict),
  conflictWith: (message: string) => new Rejection(409, message),
  notInCollection: () => new Rejection(409, messages.notInCollection),
  bindingCircular: (name: string) => new Rejection(422, messages.bindingCircular(name)),
  packageNotEmpty: (count: number) => new Rejection(409, messages.packageNotEmpty(count)),

  tooManyRequests: (count: number, allowed: number) => new Rejection(429, messages.tooManyRequests(count, allowed)),
  tooManyConcurrentRequests: (count: number, allowed: number) =>
    new Rejection(429, messages.tooManyConcurrentRequests(count, allowed)),
  internalError: () => new Rejection(500, messages.internalError),
  corrupt: () => new Rejection(500, messages.corrupt),
  /** A PUT that lacks these members would take them from what is stored. */
  corruptUpdate: (members: string) => new Rejection(500, messages.corruptUpdate(members)),
  parametersSealed: () => new Rejection(500, messages.parametersSealed),
  serverUnavailable: () => new Rejection(503, messages.serverUnavailable),
} as const;
