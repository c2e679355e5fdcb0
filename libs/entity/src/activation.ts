// How an activation ended: the four status codes of OpenWhisk and their names.

export const activationStatus = {
  success: 0,
  applicationError: 1,
  actionDeveloperError: 2,
  whiskInternalError: 3,
} as const;

export type ActivationStatusCode = (typeof activationStatus)[keyof typeof activationStatus];

export type ActivationStatusText = 'success' | 'application error' | 'action developer error' | 'whisk internal error';

const texts = ['success', 'application error', 'action developer error', 'whisk internal error'] as const;

/** `response.status` of a record. */
export function statusText(code: ActivationStatusCode): ActivationStatusText {
  return texts[code];
}

/** The HTTP status of a blocking invocation that ended so. */
export function httpStatusOf(code: ActivationStatusCode): 200 | 502 | 500 {
  if (code === activationStatus.success) return 200;
  return code === activationStatus.whiskInternalError ? 500 : 502;
}
