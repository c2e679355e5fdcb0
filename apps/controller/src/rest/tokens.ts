// Names under which Nest hands out what is no class.
import { Inject } from '@nestjs/common';

export const limitsToken = Symbol('Limits');
export const manifestToken = Symbol('RuntimesManifest');
export const ownersToken = Symbol('Owners');

export const InjectLimits = (): ParameterDecorator => Inject(limitsToken);
export const InjectOwners = (): ParameterDecorator => Inject(ownersToken);
