import { SiblingNotes } from './sibling-notes';

const note = { kind: 'action', name: 'guest/hello' };
const all = { ready: ['a', 'b', 'c'] };

describe('notes of siblings', () => {
  it('go to all others, and their sender is told once all have heard', () => {
    const notes = new SiblingNotes();
    const sent = notes.told('a', 7, note, all);
    expect(sent.map(({ to }) => to)).toEqual(['b', 'c']);
    const { id } = sent[0]!.message;
    expect(notes.heard('b', id)).toEqual([]);
    expect(notes.heard('b', id)).toEqual([]);
    expect(notes.heard('c', id)).toEqual([{ to: 'a', message: { type: 'told', id: 7 } }]);
    expect(notes.heard('c', id)).toEqual([]);
    expect(notes.size).toBe(0);
  });

  it('are answered at once where nobody else is', () => {
    expect(new SiblingNotes().told('a', 1, note, { ready: ['a'] })).toEqual([
      { to: 'a', message: { type: 'told', id: 1 } },
    ]);
  });

  it('reach one that starts, and do not wait for it', () => {
    const notes = new SiblingNotes();
    const sent = notes.told('a', 1, note, { ready: ['a', 'b'], starting: ['c'] });
    expect(sent.map(({ to }) => to)).toEqual(['b', 'c']);
    const { id } = sent[0]!.message;
    expect(notes.heard('c', id)).toEqual([]);
    expect(notes.heard('b', id)).toEqual([{ to: 'a', message: { type: 'told', id: 1 } }]);
    const alone = notes.told('a', 2, note, { ready: ['a'], starting: ['b'] });
    expect(alone.map(({ to, message }) => [to, message.type])).toEqual([
      ['b', 'note'],
      ['a', 'told'],
    ]);
    expect(notes.heard('b', alone[0]!.message.id)).toEqual([]);
    expect(notes.size).toBe(0);
  });

  it('do not wait for the dead, and are forgotten with their sender', () => {
    const notes = new SiblingNotes();
    const [first] = notes.told('a', 1, note, all);
    notes.told('b', 1, note, all);
    notes.heard('b', first!.message.id);
    expect(notes.gone('c')).toEqual([{ to: 'a', message: { type: 'told', id: 1 } }]);
    expect(notes.gone('b')).toEqual([]);
    expect(notes.size).toBe(0);
  });
});
