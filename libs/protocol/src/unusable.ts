// Why what a scheduler says cannot be obeyed, whoever hears it. Pure.
import { epochMost } from './epoch';
import { protocolVersion } from './protocol-version';

/** Undefined: it can. */
export function unusable({ epoch, version }: { epoch: bigint; version: number | undefined }): string | undefined {
  if (version !== undefined && version !== protocolVersion)
    return `it speaks protocol version ${version}, this process ${protocolVersion}; run the same release`;
  if (epoch > epochMost) return `its epoch ${epoch} is one that no leader can have; look for a damaged epoch file`;
  return undefined;
}
