// Texts as PostgreSQL can hold them: it refuses U+0000, which code, names asked for and log lines may contain.
//
// Pure. Guarantee: what was written is what is read. U+E000, which nobody uses, marks what stands for something else: U+E000 `0` is U+0000
// and U+E000 `1` is U+E000 itself. All other texts are stored as they are.
const mark = '\uE000';

export function storedText(text: string): string {
  if (!text.includes('\0') && !text.includes(mark)) return text;
  return text.replaceAll(mark, `${mark}1`).replaceAll('\0', `${mark}0`);
}

export function readText(stored: string): string {
  if (!stored.includes(mark)) return stored;
  return stored.replaceAll(`${mark}0`, '\0').replaceAll(`${mark}1`, mark);
}
