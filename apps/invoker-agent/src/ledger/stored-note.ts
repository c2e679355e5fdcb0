// A container's note as it lies on disk. "Never bound" is a value of its own, so that a lost or broken file can never pass for it: a
// container without a readable note is removed, never adopted.
import { z } from 'zod';
import { noteSchema } from '#protocol';

export const neverBound = 'never bound';

export const storedNoteSchema = z.object({
  id: z.string(),
  kind: z.string(),
  image: z.string().optional(),
  memoryMb: z.number().int(),
  concurrency: z.number().int(),
  /** Out of the driver's address space; it stays in quarantine for as long as this file exists without a container. */
  address: z.string(),
  note: z.union([z.literal(neverBound), noteSchema]),
  /** It was about to be made as new; what is in it is nobody's any more. */
  wiping: z.boolean().optional(),
});

export type StoredNote = z.infer<typeof storedNoteSchema>;
