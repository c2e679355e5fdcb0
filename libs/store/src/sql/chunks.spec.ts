import { inChunksOfLength } from './chunks';

describe('chunks of a length', () => {
  const chunksOf = async (lengths: number[], most: number): Promise<number[][]> => {
    const chunks: number[][] = [];
    await inChunksOfLength(
      lengths,
      (length) => length,
      most,
      (chunk) => Promise.resolve(void chunks.push([...chunk])),
    );
    return chunks;
  };

  it.each<[string, number[], number[][]]>([
    ['no row makes no chunk', [], []],
    ['all that fit are one', [4, 3, 3], [[4, 3, 3]]],
    ['what does not fit any more begins the next', [4, 3, 4, 6, 1], [[4, 3], [4, 6], [1]]],
    ['what is too long by itself is alone', [1, 11, 1], [[1], [11], [1]]],
  ])('%s', async (_, lengths, expected) => expect(await chunksOf(lengths, 10)).toEqual(expected));
});
